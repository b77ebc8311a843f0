"""Lots of a file whose supplier signs elsewhere: one statement a lot, and its goods kept apart meanwhile.

When the supplier signs, ``statements.importing`` takes the goods in together with the record; receiving
is then the warehouse's next step, as after every declaration.
"""

from gateway.consignments.consignment import Consignment, DeclaredLot
from gateway.consignments.spec import ConsignmentSpec
from gateway.people.identity import Identity
from gateway.statements import hands
from gateway.statements.action import Proposal
from gateway.statements.importing import IMPORTED
from gateway.store import waiting
from gateway.store.waiting import Share
from gateway.workflows import statements
from gateway.workflows.import_consignment import (
    Declare,
    Told,
    chain_of,
    declaration,
    items_of,
    row_of,
    schema_of,
    sealed,
)
from gateway.workflows.mend import row_in_first
from gateway.workflows.prepare import Facts, Wanted
from gateway.workflows.work import Work
from ledger.author import new_id

ACTION = "import"


def declaring_for(by: Identity) -> Declare:
    """by: who imports the file, for the operator."""

    def declare(
        work: Work,
        spec: ConsignmentSpec,
        consignment: Consignment,
        lot: DeclaredLot,
        price_minor: int | None,
        told: Told,
    ) -> str:
        name = new_id("lot")
        wanted = Wanted(
            type="lot.declared",
            subjects=(name,),
            refs=tuple(chain_of(told, lot)),
            signers=(hands.place(work.connection, told.supplier, "lot.declared", "supplier"),),
            data=declaration(work.installation, spec, lot),
            committed=sealed(spec, consignment, price_minor),
            rows=(Facts("", schema_of(lot), tuple(row_of(article) for article in lot.articles)),),
        )
        proposal = Proposal(wanted, then=IMPORTED, told={"lot": name, "consignment": consignment.sha256})
        stated = statements.state_unsigned(work, proposal, by=by, action=ACTION)
        share = _share(lot, told)
        waiting.declare(work.connection, stated.id, name, consignment.sha256, share)
        waiting.keep(work.connection, items_of(consignment, name, "", lot.articles))
        return name

    return declare


def _share(lot: DeclaredLot, told: Told) -> Share:
    numbers = (row_in_first(article) for article in lot.articles)
    due = set(told.report.get("mended_rows", ()))
    return Share(
        rows=tuple(article.row for article in lot.articles),
        mended=tuple(number for number in numbers if number is not None and number in due),
        declared=lot.declared,
        unidentified=lot.unidentified,
        over_age=sum(article.over_age for article in lot.articles),
    )
