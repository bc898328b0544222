"""The command ``imagewire save``: the images of a reply, or of a file of results, as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import click
import pybase64

from imagewire.batch.envelopes import open_line
from imagewire.batch.results import EVERY_IMAGE, answers_of, refusal
from imagewire.batch.run.files import (
    COMPRESSED,
    Input,
    identity_of,
    is_replaceable,
    part_of,
    standard_files,
)
from imagewire.batch.run.lock import Lock
from imagewire.batch.shapes import recognise
from imagewire.cli.gallery import Gallery, Saved
from imagewire.cli.options import FILE, read, standard_input
from imagewire.cli.output import Refused, print_line, print_losses, print_path
from imagewire.cli.page import pages, write_page
from imagewire.errors import MalformedError
from imagewire.loss import CONTENT, Loss
from imagewire.messages import Reply
from imagewire.model import Failure, Image
from imagewire.redaction import clean
from imagewire.rules.media import file_extension, host_of
from imagewire.translate.provenance import located
from imagewire.translate.recognition import recognised_reply

_LINES = (".jsonl", ".ndjson")


def _stem(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    if name is not None and (not name or Path(name).name != name):
        raise click.BadParameter(f"{name!r} is not the name of a file; give a directory with -o")
    return name


@click.command()
@click.option(
    *("-o", "--output", "directory"),
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The directory to write to; made if it is missing.",
)
@click.option(
    "--name",
    metavar="STEM",
    callback=_stem,
    help="Of a reply: what file names begin with; else that of FILE.",
)
@click.option("--force", is_flag=True, help="Of a reply: overwrite files.")
@click.option("--resume", is_flag=True, help="Of results: go on with a run that was interrupted.")
@click.option("--page", is_flag=True, help="Of results: make index.html, to look at them.")
@FILE
def save(  # noqa: PLR0913 - one argument an option
    *, file: Path, directory: Path, name: str | None, force: bool, resume: bool, page: bool
) -> None:
    """Write the images of the reply in FILE, or on stdin, to files: STEM-1.png, ...

    Prints the paths. Draft images are left out; remote images are not fetched, and a reply of
    nothing else is refused.

    Or those of all lines of FILE, results of a batch in any shape: ID-1.png, ..., with
    manifest.jsonl, in which each picture and each line without one has a line. Nothing is
    overwritten. Exit status 1 if a line is not a result.
    """
    opened = _opened(file)
    if isinstance(opened, bytes):
        if resume or page:
            raise click.UsageError("--resume and --page are for files of results")
        _save_reply(opened, directory, name or _stem_of(file), force=force, file=file)
        return
    if force or name is not None:
        raise click.UsageError("--name and --force are for a single reply")
    title = _stem_of(file) if page else None
    saved = _save_lines(opened, directory, title, resume=resume, file=file)
    print_line(
        f"{saved.lines} lines: {saved.pictures} pictures, {saved.without} lines without one, "
        f"of which {saved.unreadable} are not results"
    )
    click.get_current_context().exit(1 if saved.unreadable else 0)


def _stem_of(file: Path) -> str:
    return "response" if str(file) == "-" else file.stem


def _opened(file: Path) -> bytes | Iterable[bytes]:
    """The reply in a file, or the lines of results, which its name or its first line tells."""
    if str(file) != "-" and file.suffix in {*_LINES, *COMPRESSED}:
        return _lines_of(file)
    if str(file) != "-":
        with file.open("rb") as stream:
            first = stream.readline()
        return _lines_of(file) if _is_result(first) else read(file)
    first = standard_input().readline()
    rest = standard_input()
    return chain([first], rest) if _is_result(first) else first + rest.read()


def _lines_of(file: Path) -> Iterator[bytes]:
    with closing(Input((file,))) as lines:
        while block := lines.read_block():
            yield from block


def _is_result(line: bytes) -> bool:
    """Whether a line is a result in an envelope, and no reply by itself."""
    try:
        return recognise(open_line(line)) != "bare"
    except MalformedError:
        return False


def _save_lines(
    lines: Iterable[bytes], directory: Path, title: str | None, *, resume: bool, file: Path
) -> Saved:
    """Save the pictures of lines of results, and make pages with a title."""
    directory.mkdir(parents=True, exist_ok=True)
    gallery = Gallery(directory)
    _refuse_input(file, gallery.names)
    _refuse_others(gallery.names)
    with Lock(gallery.manifest):
        if gallery.is_begun and not resume:
            raise Refused(f"{gallery.manifest} is begun; --resume goes on with it")
        saved = gallery.save(lines)
        for name, html in () if title is None else pages(gallery.entries(), saved.lines, title):
            _refuse_input(file, [part_of(directory / name)])
            write_page(directory / name, html)
        gallery.finish()
    return saved


def _refuse_input(file: Path, writes: Iterable[Path]) -> None:
    """Raise if the file that is read, or stdin, is one that is written."""
    reads = standard_files()
    if str(file) != "-":
        reads[identity_of(file)] = "the input"
    for path in writes:
        if name := reads.get(identity_of(path)):
            raise click.UsageError(f"{name} is a file that would be written: {path}")


def _refuse_others(writes: Iterable[Path]) -> None:
    """Raise for files that are there and cannot be replaced."""
    others = [str(path) for path in writes if not is_replaceable(path)]
    if others:
        raise Refused(f"these exist and are not regular files: {', '.join(others)}")


def _save_reply(body: bytes, directory: Path, stem: str, *, force: bool, file: Path) -> None:
    images = _images(body)
    files: dict[Path, bytes] = {}
    remote: list[Image] = []
    for number, image in enumerate(images, 1):
        if image.data is None:
            remote.append(image)
        else:
            path = directory / f"{stem}-{number}.{file_extension(image.media_type)}"
            files[path] = pybase64.b64decode(image.data, validate=True)
    if not files:
        raise Refused(f"all images are remote, and are not fetched: {_hosts(remote)}")
    for image in remote:
        print_line(f"not fetched: {clean(image.url or image.file_id or '')}")
    _refuse_others(files)
    _refuse_input(file, files)
    existing = [str(path) for path in files if path.exists()]
    if existing and not force:
        raise Refused(f"these files exist; --force overwrites them: {', '.join(existing)}")
    directory.mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        if force:
            path.unlink(missing_ok=True)  # the name is wanted, not what else may have that file
        with path.open("xb") as stream:  # holds even if the file came into being just now
            stream.write(data)
        print_path(path)


def _hosts(images: list[Image]) -> str:
    """Where remote images are; an uploaded file has no address."""
    places = (host_of(image.url) if image.url else "an uploaded file" for image in images)
    return clean(", ".join(dict.fromkeys(places)))


def _images(body: bytes) -> list[Image]:
    """The images of a reply in any format, without drafts.

    Raises `Refused` if there is none, with the reasons that the reply gives.
    """
    try:
        found = recognised_reply(Reply(body), options=EVERY_IMAGE)
    except MalformedError as error:
        raise Refused(error.message) from error
    response = found.value
    if isinstance(response, Failure):
        raise Refused(f"the response is an error: {response.message} (at $.error)")
    left_out: list[Loss] = []
    images = [answer.image for answer in answers_of(response, left_out.append)]
    print_losses(found.losses)
    # A thought's text is no image, so nothing was left out: only the drafts are content.
    print_losses(located([loss for loss in left_out if loss.level is CONTENT], found.provenance))
    if not images:
        raise Refused(f"the response has no image: {refusal(response)}")
    return images
