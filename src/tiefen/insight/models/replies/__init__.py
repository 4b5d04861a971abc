"""回复推断 — who answers which message, guessed where a chat does not say it."""
