"""Whom, what, when: segments, the attention budget, who is held out."""
