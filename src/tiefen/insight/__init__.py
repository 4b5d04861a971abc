"""What it means: metrics, detectors and models; tables in, tables out, on any engine."""
