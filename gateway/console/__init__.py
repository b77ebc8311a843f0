"""What the people at the bench do next: pure."""
