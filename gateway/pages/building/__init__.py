"""View models filled from the database. What a page claims comes from verification, not from flags."""
