"""A world to try things in: people and groups that never were, with a truth that is known."""
