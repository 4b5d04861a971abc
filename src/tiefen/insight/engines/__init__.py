"""What answers questions: DuckDB in this process, or a Spark cluster. Both give out the same tables (`views`)."""
