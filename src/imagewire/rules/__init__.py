"""Rules that all formats share."""
