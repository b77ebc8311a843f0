"""UBL 2.4 documents (OASIS Standard of 20 June 2024), each a pure function of the dossier."""
