"""Of a group's life: whether it will fall silent, how it grows, and in which stage it was when."""
