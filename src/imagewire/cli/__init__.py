"""The command line: ``imagewire request | response | batch | save | models | formats | schema``."""
