"""The words of jobs: slug to message id, as ``pages.words`` keeps them."""

from typing import Final

JOB_STATES: Final = {
    "waiting": "Waiting",
    "running": "Running",
    "done": "Done",
    "retrying": "Failed, will be tried again",
    "parked": "Parked",
    "cancelled": "Cancelled",
}

JOB_KINDS: Final = {
    "ship_order": "Plan the shipment of an order",
    "recheck": "Judge the offers again",
    "purge": "Purge erased values",
    "export_lot": "Lot pack",
    "export_log": "The whole log as a zip",
    "import_file": "Import a supplier file",
    "print_labels": "Print labels",
    "issue_papers": "Issue the papers of a shipment",
    "mail": "Letter",
    "tell_recall": "Tell the buyers of recalled goods",
    "clean": "Clear away what has expired",
    "sweep": "Clear away files that nobody names",
    "alarm": "Tell about parked jobs",
}

# Why a job waits, as of now.
JOB_WAITS: Final = {
    "next": "next in line",
    "line": "waits for an earlier job about the same thing",
    "line-parked": "an earlier job about the same thing is parked and holds it up",
    "again": "tries again at %(time)s",
    "later": "starts at %(time)s",
    "broker": "waits for the broker, which does not answer since %(time)s",
    "handed-over": "handed to the broker at %(time)s; no worker has taken it yet",
    "no-relay": "waits to be handed to the broker; no server does so at the moment",
    "no-worker": "no worker has taken it since %(time)s",
    "unknown-kind": "no worker of this version knows this kind of job",
}

# How the last attempt ended.
JOB_REASONS: Final = {
    "worker-lost": "The worker that had it stopped answering.",
    "failed": "It failed:",
    "unexpected": "It failed in a way nobody expected; the server's log says more:",
    "refused": "It was refused, and asking again would not help:",
    "not-visible": "What it needs is recorded and not published yet:",
    "storage": "Something it needs does not answer:",
    "rollback": "The log lost history; nothing is recorded until that is put right.",
    "readers": "Somebody was still reading old pages of the database.",
    "interrupted": "The worker was stopped; the next one goes on from where it stood.",
    "cancelled": "Somebody cancelled it.",
}

JOB_UNITS: Final = {
    "steps": "steps",
    "tiles": "files",
    "rows": "rows",
    "labels": "labels",
    "papers": "papers",
}

JOB_FACTS: Final = {
    "withdrawn": "Offers withdrawn",
    "released": "Holds given back",
    "stopped": "Purchases put on hold",
    "told": "Letters to buyers",
    "unknown": "Sales whose buyer is not known here",
    "shipment": "Shipment",
    "size": "Bytes",
    "records": "Records",
    "labels": "Labels",
    "missing": "Documents that are gone",
    "papers": "Files issued",
    "drafts": "Drafts made",
    "filename": "File",
    "sha256": "SHA-256",
    "rows": "Rows",
    "accepted": "Rows accepted",
    "rejected_rows": "Rows rejected",
    "lots": "Lots",
    "waiting": "Lots whose supplier has not signed yet",
    "jobs": "Jobs forgotten",
    "parked": "Parked jobs",
    "letters": "Letters",
    "forgotten": "Rows forgotten",
    "swept": "Files cleared away",
    "nobody": "Nobody to write to",
}

SCHEDULES: Final = {
    "recheck": "Offers are judged again",
    "orders": "Orders nobody packed are looked for",
    "purchases": "Purchases that wait or travel are looked after",
    "lateness": "Buyers are told of shipments that run late",
    "purge": "Erased values are purged",
    "clean": "What has expired is cleared away",
    "sweep": "Files that nobody names are cleared away",
    "alarm": "Parked jobs are looked for",
    "follow": "New records are followed",
}

REFUSED_MESSAGES: Final = {
    "undecodable": "not readable as JSON",
    "unknown-task": "named a task that does not exist",
    "malformed": "not of the form of our messages",
    "unknown-job": "named a job that does not exist",
}

# %(order)s, %(company)s, %(url)s and the like are filled in by ``duties.letters``.
LETTERS: Final = {
    "hello": "Hello %(name)s,",
    "hello-stranger": "Hello,",
    "invited-subject": "You are invited to Lotproof",
    "invited-text": "%(inviter)s invites you to an account: %(role)s, %(place)s. The link below works once, "
    "until %(until)s; whoever opens it first has the account, so pass it on to nobody. If you expected no "
    "invitation, you need not do anything.",
    "invited-more": "Accept it here:",
    "order-subject": "Your order %(order)s is confirmed",
    "order-text": "your order %(order)s is confirmed: %(pieces)s pieces for %(total)s.",
    "order-more": "Its papers appear there as soon as it is packed:",
    "parked-subject": "A job needs somebody: %(kind)s",
    "parked-text": "a job gave up and will not go on by itself: %(kind)s.",
    "parked-more": "Why, and what can be done:",
    "recall-subject": "Recalled: goods of your order %(order)s",
    "recall-text": "goods that you bought with order %(order)s were recalled: %(reason)s. Do not sell them "
    "on or use them, and tell those who bought them of you. Pieces concerned: %(pieces)s.",
    "recall-more": "What was recorded about them:",
    "recall-ended-subject": "The recall of goods of your order %(order)s has ended",
    "recall-ended-text": "the recall of goods that you bought with order %(order)s has ended: %(reason)s.",
    "recall-ended-more": "What was recorded about them:",
    "statement-waits-subject": "Waits for your signature: %(statement)s",
    "statement-waits-text": "%(author)s states: %(statement)s. It is recorded when you have signed it too. "
    "Read it first, and decline it if it is not so.",
    "statement-waits-more": "Read it, and sign or decline:",
    "statement-recorded-subject": "Recorded: %(statement)s",
    "statement-recorded-text": "everybody has signed, and it is recorded: %(statement)s.",
    "statement-recorded-more": "What was recorded:",
    "statement-declined-subject": "Declined: %(statement)s",
    "statement-declined-text": "a statement that you sign or stated was declined: %(statement)s. The reason "
    "given: %(reason)s.",
    "statement-declined-more": "What was declined:",
    "purchase-approval-subject": "Waits for your approval: purchase %(order)s",
    "purchase-approval-text": "somebody of your company wants to buy goods for %(total)s under the number "
    "%(order)s. They are kept until %(until)s; then the purchase ends by itself.",
    "purchase-approval-more": "Look at it, and approve or decline:",
    "purchase-ended-subject": "Cancelled: purchase %(order)s",
    "purchase-ended-text": "the purchase %(order)s for %(total)s was cancelled, and its goods are open to "
    "everybody again. Reason: %(reason)s.",
    "purchase-ended-more": "What happened to it:",
    "purchase-held-subject": "On hold: purchase %(order)s",
    "purchase-held-text": "the purchase %(order)s for %(total)s was stopped, and none of its goods leave the "
    "house. Reason: %(reason)s.",
    "purchase-held-more": "What happened to it:",
    "shipment-dispatched-subject": "On its way: shipment %(number)s",
    "shipment-dispatched-text": "the goods of your order %(order)s have left: %(pieces)s pieces to "
    "%(place)s. They are expected on %(expected)s.",
    "shipment-dispatched-more": "Each leg of the way, its packages and papers:",
    "shipment-delivered-subject": "Delivered: shipment %(number)s",
    "shipment-delivered-text": "the goods of your order %(order)s have arrived in %(place)s: %(pieces)s "
    "pieces. Count and check them now: what is missing or broken is told soonest.",
    "shipment-delivered-more": "What was packed, and how each lot is proven:",
    "shipment-late-subject": "Late: shipment %(number)s",
    "shipment-late-text": "the goods of your order %(order)s will not be in %(place)s by %(promised)s, as "
    "was promised. They are expected on %(expected)s.",
    "shipment-late-more": "Which leg is late, and by how much:",
    "hold-released-subject": "No longer held for you: %(goods)s",
    "hold-released-text": "goods that were held for your company went back: %(pieces)s pieces, %(goods)s. "
    "Reason: %(reason)s. You owe nothing for them.",
    "hold-released-more": "What is still held for you:",
    "goods-gone": "the goods are no longer there",
    "farewell": "This letter was written by a program; nobody reads answers to it.",
}
