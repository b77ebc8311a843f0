"""Pure: values in, values out. No clock, environment, randomness, database or network."""
