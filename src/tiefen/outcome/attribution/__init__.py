"""归因 — to which messages an order is owed, by rules that are all shown, beside what the holdout says they truly brought."""
