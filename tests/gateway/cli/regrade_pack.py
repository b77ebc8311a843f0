"""Grades of a lot pack, computed by a program that shares nothing with ours: PACK FOLDER_OF_SCHEMES."""

import hashlib
import json
import sys
import tomllib
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path


def grade(scheme, measured):
    scores, letters = [], []
    for part in scheme["parts"]:
        value, size = measured.get(part["input"]), measured.get(part.get("size"))
        number = size if isinstance(value, str) else value
        for row in part["rows"] if value is not None else []:
            low, high = Decimal(row.get("at_least", 0)), Decimal(row.get("at_most", "Infinity"))
            if "is" in row and value not in row["is"]:
                continue
            if {"at_least", "at_most"} & row.keys() and number is None:
                letters.append("ungraded")
            elif number is not None and not low <= Decimal(number["value"]) <= high:
                continue
            else:
                (scores if "score" in row else letters).append(row.get("score", row.get("grade")))
            break
        else:
            letters.append("ungraded")
    if "X" in letters or "ungraded" in letters:
        return "X" if "X" in letters else "ungraded"
    return next(bound["grade"] for bound in scheme["grades"] if min(scores) >= bound["at_least"])


pack = zipfile.ZipFile(sys.argv[1])
files = [path.read_bytes() for path in Path(sys.argv[2]).glob("*.toml")]
schemes = {hashlib.sha256(data).hexdigest(): tomllib.loads(data.decode()) for data in files}
rows, checked = json.loads(pack.read("rows.json")), 0
for name in pack.namelist():
    body = json.loads(pack.read(name))["body"] if name.endswith(".json") and "records/" in name else {}
    if body.get("type") != "lot.inspected":
        continue
    jcs = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    event = hashlib.sha256(b"lotproof/event-id/v1\n" + jcs).hexdigest()
    scheme = schemes.get(body["data"]["scheme"]["sha256"])
    if scheme is None:
        sys.exit(f"{name}: no scheme file here has the recorded hash")
    recorded = Counter({one["grade"]: one["count"] for one in body["data"]["grades"]})
    shown, found = [one["row"] for one in rows if one["event_id"] == event], Counter()
    for row in shown:
        letter = row.get("override", {}).get("grade") or grade(scheme, row["measured"])
        found[letter] += row.get("quantity", 1)
    if found - recorded or (len(shown) == body["data"]["manifest"]["count"] and found != recorded):
        sys.exit(f"{name}: the rows give {dict(found)}, recorded is {dict(recorded)}")
    checked += found.total()
print(checked)
