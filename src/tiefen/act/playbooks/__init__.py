"""Playbooks 剧本: calendars of blocks for groups, run by staff, that carry the record of what each block was measured to do."""
