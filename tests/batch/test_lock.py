"""The files of a batch run: the lock beside the output, and an output that cannot be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imagewire.batch.run.files import Output
from imagewire.batch.run.lock import Lock

FULL = Path("/dev/full")


class TestLock:
    def test_a_lock_that_was_replaced_while_it_was_taken_is_another_runs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The run before deletes its lock as it ends, and a third run may make a new one."""
        output = tmp_path / "out"
        monkeypatch.setattr(os.path, "samestat", lambda *_: False)

        with pytest.raises(OSError, match="another run is at work"):
            Lock(output)


class TestOutput:
    @pytest.mark.skipif(not FULL.exists(), reason="no device that is full")
    def test_a_write_that_fails_names_the_file_and_is_not_tried_again(self, tmp_path: Path) -> None:
        output = Output(tmp_path / "out")
        with FULL.open("r+b", buffering=0) as full:
            os.dup2(full.fileno(), output._stream.fileno())

        with pytest.raises(OSError, match="No space left") as caught:
            output.write(0, [b"a line"])

        assert Path(caught.value.filename).name.startswith("out")
        with pytest.raises(ValueError, match="closed file"):  # not the disk's error again
            output.write(0, [b"a line"])
