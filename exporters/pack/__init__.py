"""What a lot pack carries for its reader: the page that explains it, and a verifier that stands alone."""
