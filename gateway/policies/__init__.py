"""Rules of trade as data: an id, a version, an effective date and a source each."""
