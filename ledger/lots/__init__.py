"""Records folded into meaning: what a lot is now, who may change it, how it is graded. Pure."""
