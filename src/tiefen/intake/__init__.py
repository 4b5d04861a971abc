"""The world's words into facts: events by HTTP, and files."""
