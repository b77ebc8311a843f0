"""What happened, provably. This package imports none of ours."""
