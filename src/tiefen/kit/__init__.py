"""What every stage needs and no community is known to: errors, clock, ids, shares, settings."""
