"""The console's API and the console itself: parse, one verb, present."""
