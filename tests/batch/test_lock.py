"""The lock beside a file of a batch run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imagewire.batch.run import lock
from imagewire.batch.run.lock import Lock


class TestLock:
    def test_a_lock_that_was_replaced_while_it_was_taken_is_another_runs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The run before deletes its lock as it ends, and a third run may make a new one."""
        output = tmp_path / "out"
        monkeypatch.setattr(os.path, "samestat", lambda *_: False)

        with pytest.raises(OSError, match="another run is at work"):
            Lock(output)

        assert lock.LOCK_SUFFIX
