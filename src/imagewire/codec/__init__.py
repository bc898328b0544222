"""JSON bytes to wire structs and back, with the fields that no struct names."""
