"""The metrics, a folder for each kind of thing they are about and a file for each metric."""
