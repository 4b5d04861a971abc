"""分群 — rules about people, whom they hold at present, and why."""
