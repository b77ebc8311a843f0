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
    "ship_order": "Pack and ship an order",
    "recheck": "Judge the offers again",
    "purge": "Purge erased values",
    "export_lot": "Lot pack",
    "export_log": "The whole log as a zip",
    "import_file": "Import a supplier file",
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

JOB_UNITS: Final = {"steps": "steps", "tiles": "files", "rows": "rows"}

JOB_FACTS: Final = {
    "withdrawn": "Offers withdrawn",
    "released": "Holds given back",
    "told": "Letters to buyers",
    "unknown": "Sales whose buyer is not known here",
    "shipment": "Shipment",
    "size": "Bytes",
    "records": "Records",
    "missing": "Documents that are gone",
    "filename": "File",
    "sha256": "SHA-256",
    "rows": "Rows",
    "accepted": "Rows accepted",
    "rejected_rows": "Rows rejected",
    "lots": "Lots",
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
    "farewell": "This letter was written by a program; nobody reads answers to it.",
}
