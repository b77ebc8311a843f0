"""Pure commerce: what may be offered to whom, at what price. No clock, database or network."""
