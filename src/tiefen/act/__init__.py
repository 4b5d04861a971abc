"""Doing it: proposals, the gate, the outbox, and what makes proposals."""
