"""The published log is served byte for byte as it lies there, to everybody."""

import pytest

from ledger.core.policy import parse
from ledger.core.proof import InclusionProof
from ledger.core.tiles import tiles_of
from tests.gateway.web import Caller


def test_every_object_of_the_visible_tree_is_served_as_it_is(looker: Caller) -> None:
    log = looker.installation.log
    for tile in tiles_of(looker.installation.verifier().checkpoint.size):
        answer = looker.get(f"/log/{tile.path}")
        assert answer.content == log.get(tile.path)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["access-control-allow-origin"] == "*"


def test_the_checkpoint_opens_under_the_policy_and_is_fresh(looker: Caller) -> None:
    answer = looker.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "max-age=2"
    policy = parse(looker.get("/log/policy").content)
    assert policy.open(answer.content).origin == looker.installation.config.origin


@pytest.mark.parametrize(
    "path",
    ["0/0", "64/000", "0/x000/000", "0/000.p/256", "0/000.p/0", "entries/999", "0/..%2f..%2fconfig.json", ""],
)
def test_what_is_no_tile_is_not_found(looker: Caller, path: str) -> None:
    assert looker.get(f"/log/tile/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/v1/entries/0", "/catalogue"])
def test_nothing_else_is_open_to_other_sites(looker: Caller, path: str) -> None:
    headers = looker.get(path, headers={"origin": "null"}).headers
    assert "access-control-allow-origin" not in headers


def test_an_entry_and_its_proof_verify_under_the_policy_alone(looker: Caller) -> None:
    policy = parse(looker.get("/log/policy").content)
    size = looker.installation.verifier().checkpoint.size
    for index in (0, 255, 256, size - 1):
        leaf = looker.get(f"/v1/entries/{index}").content
        proof = looker.get(f"/v1/entries/{index}/proof")
        assert f'filename="entry-{index}.tlog-proof"' in proof.headers["content-disposition"]
        assert InclusionProof.parse(proof.content).verify(leaf, policy).size == size
    assert looker.get(f"/v1/entries/{size}/proof").status_code == 404
