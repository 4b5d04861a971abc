"""Segments and audiences: rules, and whom they hold at present."""
