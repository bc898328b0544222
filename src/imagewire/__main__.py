"""``python -m imagewire``."""

from imagewire.cli.main import main

main()
