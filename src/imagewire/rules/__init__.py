"""What all formats agree on."""
