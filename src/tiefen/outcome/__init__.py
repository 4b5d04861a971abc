"""What it changed: against those held out, and to whom an order is owed."""
