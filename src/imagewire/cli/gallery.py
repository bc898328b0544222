"""Pictures of result lines as files, with a manifest of what they are.

A picture is named by the id of its line and its number in it: ``fox-1.png``. Characters that are
not safe in every file system are written as in URLs (``%2F``). Nothing is overwritten: a name that
is taken by something else gets the number of the line behind the id (``fox~12-1.png``); a file that
has the picture already is that picture.

The manifest has one line of JSON a picture, and one for a line without any, in the order of the
input. It is written as ``manifest.jsonl.part``, and gets its name when all is done. A picture is in
place, whole, before the manifest names it; so a run that was killed goes on with the last line that
the manifest knows, and leaves what a run that was not killed leaves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import pybase64

from imagewire.batch.results import Answer, read_result
from imagewire.batch.run.files import give_name, part_of
from imagewire.batch.run.lock import lock_of, open_own
from imagewire.digest import digest_of
from imagewire.errors import TranslationError
from imagewire.model import UNKNOWN_TYPE
from imagewire.redaction import clean
from imagewire.rules.media import file_extension
from imagewire.rules.pixels import pixel_size

MANIFEST = "manifest.jsonl"
_NO_RESULT = "not a result: "
_LONGEST = 100  # letters of an id in a name
_UNSAFE = re.compile(rb"[^A-Za-z0-9_.#@=+-]|^[.-]")

_encode = msgspec.json.encode


class Entry(msgspec.Struct, kw_only=True):
    """A line of the manifest: a picture, or a line of results without one, and why (``error``)."""

    line: int
    id: str
    index: int | None = None
    file: str | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    text: str | None = None
    finish: str | None = None
    error: str | None = None


_decode = msgspec.json.Decoder(Entry).decode


class Saved(msgspec.Struct):
    """How many lines were read, pictures saved, and lines had none, or were not even results."""

    lines: int = 0
    pictures: int = 0
    without: int = 0
    unreadable: int = 0

    def count(self, group: Sequence[Entry]) -> None:
        """Add what the manifest says of a line."""
        pictures = sum(entry.file is not None for entry in group)
        self.lines += 1
        self.pictures += pictures
        self.without += not pictures
        self.unreadable += (group[0].error or "").startswith(_NO_RESULT)


class Gallery:
    """A directory of pictures, and its manifest, which is open while it is not complete."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.manifest = directory / MANIFEST
        self._part = part_of(self.manifest)
        self._picture = directory / f"{MANIFEST}.picture"

    @property
    def names(self) -> tuple[Path, ...]:
        """The files that it writes beside the pictures."""
        return self.manifest, self._part, lock_of(self.manifest), self._picture

    @property
    def is_begun(self) -> bool:
        """Whether an earlier run began it."""
        return self._part.exists() or self.is_complete

    @property
    def is_complete(self) -> bool:
        """Whether an earlier run has done all."""
        return self.manifest.exists()

    def entries(self) -> Iterator[Entry]:
        """The lines of the manifest."""
        for _, group in self._groups():
            yield from group

    def _groups(self) -> Iterator[tuple[int, list[Entry]]]:
        """The lines of the manifest about each line of results, and where they begin."""
        path = self.manifest if self.is_complete else self._part
        group: list[Entry] = []
        start = size = 0
        with path.open("rb") if path.exists() else BytesIO() as lines:
            for line in lines:
                if not line.endswith(b"\n"):  # the run was killed meanwhile
                    break
                try:
                    entry = _decode(line)
                except ValueError as error:
                    raise OSError(f"{path} is not a manifest: {error}") from error
                if group and entry.line != group[0].line:
                    yield start, group
                    group, start = [], size
                group.append(entry)
                size += len(line)
        if group:
            yield start, group

    def save(self, lines: Iterable[bytes]) -> Saved:
        """Save what is not saved yet of lines of results; what all runs did together.

        The last line that the manifest knows may lack a picture there, and is saved again.
        """
        saved = Saved()
        known = [Entry(line=0, id="")]
        kept = 0
        for start, group in self._groups():
            if start:
                saved.count(known)
            known, kept = group, start
        last = known[0]
        if self.is_complete:
            if last.line:
                saved.count(known)
            return saved
        with os.fdopen(open_own(self._part), "r+b") as manifest:
            manifest.truncate(kept)
            manifest.seek(kept)
            for number, line in enumerate(lines, 1):
                if number < last.line or not line.strip():
                    continue
                group = self._entries(line, number)
                if number == last.line and group[0].id != last.id:
                    raise OSError(f"{self._part} is about other results, or another order of them")
                manifest.writelines(_encode(entry) + b"\n" for entry in group)
                manifest.flush()
                saved.count(group)
        return saved

    def finish(self) -> None:
        """Give the manifest its name."""
        self._picture.unlink(missing_ok=True)
        give_name(self.manifest)

    def _entries(self, line: bytes, number: int) -> list[Entry]:
        """Save the pictures of a line; what the manifest says of it."""
        try:
            result = read_result(line, number)
        except TranslationError as error:
            words = f"{_NO_RESULT}{error.message} (at {error.path})"
            return [Entry(line=number, id=str(number), error=words)]
        entries = [
            self._entry(answer, Entry(line=number, id=result.id, index=index))
            for index, answer in enumerate(result.answers, 1)
        ]
        return entries or [
            Entry(
                line=number,
                id=result.id,
                text=result.text or None,
                finish=result.finish,
                error=clean(result.error or "no picture"),
            )
        ]

    def _entry(self, answer: Answer, entry: Entry) -> Entry:
        entry.text, entry.finish = answer.text or None, answer.finish
        image = answer.image
        if image.data is None:
            entry.error = f"not fetched: {clean(image.url or image.file_id or '')}"
            return entry
        data = pybase64.b64decode(image.data, validate=True)
        size = pixel_size(data)
        entry.media_type = image.media_type or UNKNOWN_TYPE
        if size is not None:
            entry.width, entry.height = size.width, size.height
        entry.bytes, entry.sha256 = len(data), sha256(data).hexdigest()
        entry.file = self._placed(data, entry)
        return entry

    def _placed(self, data: bytes, entry: Entry) -> str:
        """The name of the file with a picture, which is there then."""
        end = f"-{entry.index}.{file_extension(entry.media_type)}"
        stem = safe_name(entry.id)
        for name in (f"{stem}{end}", f"{stem}~{entry.line}{end}"):
            path = self._directory / name
            if not os.path.lexists(path):
                self._put(path, data)
                return name
            if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
                return name
        raise OSError(f"{path} exists, and is another picture")

    def _put(self, path: Path, data: bytes) -> None:
        """Write a picture, whole, under a name that nothing has."""
        self._picture.unlink(missing_ok=True)
        with os.fdopen(open_own(self._picture), "wb") as stream:
            stream.write(data)
        try:
            os.link(self._picture, path)  # fails for a name that came into being just now
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            self._picture.rename(path)
        else:
            self._picture.unlink()


def safe_name(id_: str) -> str:
    """An id as part of a file name, of which each id has its own."""
    name = _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], id_.encode()).decode() or "%"
    if len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}~{digest_of([id_.encode()])}"
