"""The vocabulary of inspecting: samples, devices, policies, and a grade explained part by part."""

from typing import Final

RECORD_TYPES: Final = {
    "inspection.planned": "Sample planned",
    "lot.insured": "Insured as inspected",
    "device.calibrated": "Device calibrated",
    "device.measured": "Measured by a device",
    "device.audited": "Results of a device checked by a person",
}

ROLES: Final = {
    "device": "Device",
    "calibrator": "Calibration laboratory",
    "insurer": "Insurer",
}

PARTY_KINDS: Final = {"insurer": "insurer"}

FIELDS: Final = {
    "inspection": "Inspection",
    "inspection_level": "Inspection level",
    "severity": "Severity of the sample",
    "aql": "Acceptance quality limit (AQL)",
    "minimum_grade": "Lowest grade that conforms",
    "lot_size": "Units in the lot",
    "sample_size": "Units in the sample",
    "accept": "Accepted up to this many faults",
    "reject": "Rejected from this many faults",
    "seed": "Seed of the draw",
    "tables": "Sampling tables",
    "tables_sha256": "Hash of the sampling tables",
    "lot_grade": "Grade of the unsorted lot",
    "overrides": "Grades given by the inspector",
    "photos": "Hashes of photos",
    "model_version": "Version of the device's model",
    "confidence_min": "Confidence needed",
    "error_max": "Largest share of errors",
    "referred": "Left to a person",
    "batch": "Results that were checked",
    "sampled": "Results looked at",
    "wrong": "Found wrong",
    "certificate": "Hash of the certificate",
    "policy_number": "Number of the policy",
    "cover": "Sum insured",
}

SEVERITIES: Final = {"normal": "normal", "tightened": "tightened", "reduced": "reduced"}

LEVELS: Final = {
    "none": "Not inspected as it is now",
    "documents": "Only papers were checked",
    "sample": "A drawn sample was inspected",
    "full": "Every article was inspected",
    "third_party": "Inspected, and signed by an independent third party",
    "insurer": "Inspected and insured",
}

# What leads to a grade without a score.
GRADE_REASONS: Final = {
    "does-not-boot": "It does not start up",
    "locked": "It is locked to an account",
    "function-failed": "It fails the function test",
    "function-not-tested": "Its function was not tested",
    "missing-boots": "Nobody tried whether it starts up",
    "missing-locked": "Nobody looked whether it is locked",
    "missing-scratch": "The scratches were not measured",
    "missing-battery": "The battery was not measured",
    "missing-stain": "The stains were not measured",
    "missing-wear": "The wear was not judged",
    "missing-label_state": "The tag was not looked at",
    "missing-function": "Its function was not tested",
    "missing-condition": "The condition was not noted",
    "missing-damage": "The damage was not noted",
    "missing-damage_size": "The damage was not measured",
}

EXPLANATION: Final = {
    "scheme": "Grading scheme",
    "boundaries": "Boundaries",
    "grade": "Grade",
    "score": "Score",
    "passes": "fit to be graded",
    "decided-by": "The lowest part decides",
    "because": "Because",
    "otherwise": "anything else",
    "not-measured": "not measured",
    "unsorted": "Sold unsorted, all together",
}

GATE_REASONS: Final = {
    "sample-rejected": "The sample had too many faults",
    "sample-unplanned": "The sample was not planned beforehand, so it proves nothing",
}

REMEDIES: Final = {
    "sample-rejected": "Have every article inspected, and sort the faulty ones out.",
    "sample-unplanned": "Plan a sample and have it drawn anew, or have every article inspected.",
}

TABLES: Final = {
    "severities": SEVERITIES,
    "work_kinds": {"inspection": "Inspection", "refurbishment": "Refurbishment"},
    "inspection_levels": LEVELS,
    "grade_reasons": GRADE_REASONS,
    "explanation": EXPLANATION,
}
