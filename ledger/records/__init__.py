"""The words that may be written down: one closed, versioned model per record type."""
