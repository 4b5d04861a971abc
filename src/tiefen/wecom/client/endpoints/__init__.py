"""Every endpoint a self-built app may call: one file a subject, one method an endpoint."""
