"""What is done for each kind of job; ``catalogue`` puts them together."""
