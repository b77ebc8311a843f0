"""The vocabulary of the bench: actions, states of drafts, reasons, and what is wrong with an answer."""

from typing import Final

ACTIONS: Final = {
    "plan-sample": "Plan a sample",
    "state-inspection": "State the inspection",
    "state-repair": "State the repair",
    "calibrate-device": "Calibrate a device",
    "check-device": "State the check of a device",
}

ACTION_NOTES: Final = {
    "plan-sample": "The plan and the seed of the draw are recorded before anything is measured. Then exactly "
    "the drawn units are asked for.",
    "state-inspection": "What was measured at the bench becomes one record, with a row for each unit. "
    "Anybody can compute the grades again from these rows.",
    "state-repair": "What was done at the bench becomes one record, with a row for each unit. Afterwards "
    "another party and another person has to inspect the goods.",
    "calibrate-device": "From here to the last day the device measures with this version of its model. Its "
    "count of errors begins anew.",
    "check-device": "How many of the drawn results were wrong. It counts toward the error rate of the "
    "device.",
}

NOT_NOW: Final = {
    "work-closed": "The result of this work order was stated already.",
    "sample-planned": "A sample of this work order is planned already.",
    "no-check": "No check of this device is under way.",
}

FORM_ERRORS: Final = {
    "not-a-measure": "Enter a plain number, such as 2.9, without a unit.",
    "over-maximum": "This is more than can be true.",
    "not-a-choice": "Choose one of the answers shown.",
    "input-unknown": "The grading scheme asks for no such measurement.",
    "answer-missing": "This answer is missing.",
    "reason-missing": "Choose a reason.",
    "override-not-possible": "This grade cannot be given: it is the scheme's own, or the article is X or not "
    "graded.",
    "more-than-there-are": "There are not so many pieces.",
    "line-too-long": "Use at most 200 ordinary characters.",
    "certificate-missing": "Add the report of the wiping tool.",
    "nothing-measured": "Nothing is measured yet.",
    "nothing-repaired": "Tick what was done.",
    "units-without-result": "Some units have no result. Measure them, or tick this box.",
    "sample-not-whole": "Some drawn units have no result yet.",
    "who-repaired": "You, or your party, repaired these goods: somebody else has to grade them.",
    "scheme-missing": "No grading scheme is set for this category. The operator has to choose one.",
    "check-not-whole": "Some drawn results were not measured again yet.",
    "article-unknown": "No article of this work order is called that.",
    "article-twice": "This article stands here twice.",
    "measured-already": "A person has measured this article already.",
    "not-a-share": "Enter a number between 0 and 1.",
    "file-not-yours": "No file of your party about this lot is called that.",
    "sheet-without-rows": "The sheet has no rows.",
    "sheet-too-long": "The sheet has more than 20,000 rows.",
    "sheet-unreadable": "The sheet cannot be read.",
    "column-unknown": "No such column is asked for.",
    "column-twice": "This column stands here twice.",
    "column-missing": "This column is missing.",
}

FLASHES: Final = {
    "article-saved": "Saved.",
    "proposals-accepted": "What was sure and whole is taken over.",
    "sheet-taken": "All rows of the sheet are taken.",
    "check-drawn": "The results are drawn.",
    "check-noted": "Saved.",
}

NAVIGATION: Final = {"measure": "Bench"}

PART_ORIGINS: Final = {"recovered": "recovered part, tested again"}

FINDINGS: Final = {"other": "something else"}

FIELDS: Final = {
    "battery_replaced": "Battery replaced",
    "data_wiped": "Data wiped",
    "fabric_repaired": "Fabric repaired",
    "system_reset": "System reset",
    "cleaned": "Cleaned",
    "repackaged": "Repackaged",
}

TABLES: Final = {
    "work_stages": {"open": "Under way", "waits": "Waits for a signature", "closed": "Result stated"},
    "draft_states": {
        "missing": "No result",
        "part": "Some pieces",
        "measured": "Saved",
        "proposed": "Proposed by a station",
        "referred": "A person decides",
    },
    "override_reasons": {
        "colour_faded": "The colour has faded",
        "packaging_damaged": "The packaging is damaged",
        "parts_missing": "Parts are missing",
        "repair_visible": "A repair can be seen",
        "smell": "It smells",
        "worse_than_measured": "It looks worse than it measures",
        "better_than_measured": "It looks better than it measures",
    },
    "sample_verdicts": {
        "accepted": "The sample is accepted.",
        "accepted_tighten": "The sample is accepted; the next lots are inspected as normal.",
        "rejected": "The sample is rejected.",
    },
    "measuring_questions": {  # labels and hints of what actions ask
        "third-party": "Signed beside you by",
        "partial": "State it although units were not looked at",
        "unsorted": "Sold unsorted, all together",
        "model-version": "Version of the device's model",
        "share": "Between 0 and 1",
        "certificate": "Calibration certificate",
        "check": "Check",
    },
}
