"""Work that nobody waits for: publishing, asking the gate again, packing in the demo."""
