"""Large payloads go around the codec."""
