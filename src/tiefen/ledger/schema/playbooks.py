"""Playbooks and the tasks of staff."""
