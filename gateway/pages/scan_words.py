"""The words of scan history: what was remarkable, and what was decided about it. Slug to message id."""

from typing import Final

# A code has a notice; the consumer reads it in words of ``consumer_words.SCAN_NOTICES``.
SCAN_ALERTS: Final = {
    "many-places": "Many places at once",
    "too-often": "More places than expected",
    "wrong-market": "Opened in an unexpected country",
}

SCAN_STATES: Final = {"open": "To be looked at", "expected": "Harmless", "copied": "Copies are about"}

SCAN_RULES: Final = {
    "places_hour": "Networks within an hour",
    "countries_hour": "Countries within an hour",
    "places_week": "Networks within a week",
    "countries": "Countries in 90 days",
    "foreign_places": "Networks where the goods were never offered",
}

FLASHES: Final = {
    "scans-closed": "Your decision was kept.",
    "scans-opened": "The alert is open again.",
    "scans-not-now": "Somebody else has decided meanwhile; nothing was changed.",
}

FORM_ERRORS: Final = {
    "scan-state-missing": "Choose what you found.",
    "scan-reason-missing": "Say why, in up to 500 characters.",
}

NAVIGATION: Final = {"scans": "Scans"}

JOB_KINDS: Final = {
    "age_scans": "Forget old readings of codes",
    "tell_scans": "Tell about remarkable readings of a code",
}

SCHEDULES: Final = {"scans": "Old readings of codes are forgotten"}

LETTERS: Final = {
    "scans-subject": "A code needs a look: %(code)s",
    "scans-text": "the readings of the code %(code)s are remarkable: %(what)s. It was opened %(times)s times "
    "in the last 90 days. That proves no copy; somebody should look.",
    "scans-more": "Where it was opened, and what can be done:",
}

TABLES: Final = {"scan_alerts": SCAN_ALERTS, "scan_states": SCAN_STATES, "scan_rules": SCAN_RULES}
