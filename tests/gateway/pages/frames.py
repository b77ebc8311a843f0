"""Who looks at the sample pages, and where they stand."""

from datetime import UTC, datetime

from gateway.pages.views import Frame, Visitor

NOW = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
ORIGIN = "demo.lotproof.example/34750f98bd59fcfc"
HOST = "demo.lotproof.example"

PUBLIC = Frame(path="/", origin=ORIGIN, tree_size=47, demo=True)


def signed_in(role, name, path) -> Frame:
    return Frame(
        path=path,
        origin=ORIGIN,
        tree_size=47,
        visitor=Visitor(role=role, name=name),
        csrf_token="csrf-1",
        demo=True,
    )


BUYER = signed_in("buyer", "Hà Nội Trading", "/catalogue")
STAFF = signed_in("operator", "仓库 一号", "/operator")
AUDITOR = signed_in("auditor", "Ana Ruiz", "/auditor")
BENCH_WORKER = signed_in("inspector", "李 四", "/measure")
