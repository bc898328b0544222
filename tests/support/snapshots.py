"""Snapshots as readable JSON files: ``snapshots/<kind>/<source>-to-<target>/<case>.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from syrupy.data import SnapshotCollections
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

ROOT = Path(__file__).parents[2] / "snapshots"


class JSONFile(SingleFileSnapshotExtension):
    """One JSON file a case, named by the assertion's own path; keys keep their order."""

    _write_mode = WriteMode.TEXT
    file_extension = "json"

    def serialize(self, data: Any, **_: Any) -> str:
        return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT)

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: int | str) -> str:
        return str(index)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: int | str = 0) -> str:
        return Path(str(index)).name

    def discover_snapshots(self, **about: Any) -> SnapshotCollections:
        return super().discover_snapshots(**{**about, "ignore_extensions": ["md"]})

    def is_snapshot_location(self, *, location: str) -> bool:
        return location.endswith(".json")
