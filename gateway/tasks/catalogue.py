"""Every kind of job with the code that does it: what a worker knows."""

from collections.abc import Mapping
from typing import Final

from gateway.tasks import kinds
from gateway.tasks.duties import (
    exports,
    goods,
    imports,
    keeping,
    labels,
    letters,
    papers,
    recalls,
    sales,
    scans,
    searches,
)
from gateway.tasks.runner import Duty

DUTIES: Final[Mapping[str, Duty]] = {
    duty.kind.name: duty
    for duty in (
        Duty(kinds.SHIP_ORDER, goods.pack_order),
        Duty(kinds.RECHECK, goods.recheck_offers),
        Duty(kinds.PURGE, goods.purge),
        Duty(kinds.EXPORT_LOT, exports.export_lot_pack),
        Duty(kinds.EXPORT_LOG, exports.export_log),
        Duty(kinds.IMPORT_FILE, imports.import_file),
        Duty(kinds.PRINT_LABELS, labels.print_labels),
        Duty(kinds.ISSUE_PAPERS, papers.issue_papers),
        Duty(kinds.TELL_RECALL, in_transaction=recalls.tell_buyers),
        Duty(kinds.MAIL, letters.send),
        Duty(kinds.CLEAN, in_transaction=keeping.clean),
        Duty(kinds.SWEEP, keeping.sweep),
        Duty(kinds.ALARM, in_transaction=keeping.alarm),
        Duty(kinds.AGE_SCANS, in_transaction=scans.age),
        Duty(kinds.PUSH_OFFERS, in_transaction=sales.push),
        Duty(kinds.TELL_SCANS, in_transaction=scans.tell_operator),
        Duty(kinds.TELL_SEARCHES, in_transaction=searches.tell),
    )
}
assert set(DUTIES) == set(kinds.ALL)
