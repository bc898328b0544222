"""The command ``imagewire save``: the images of a reply as files."""

from __future__ import annotations

from pathlib import Path

import click
import pybase64

from imagewire.batch.run.files import is_replaceable
from imagewire.cli.options import FILE, read
from imagewire.cli.output import Refused, print_line, print_losses, print_path, reason
from imagewire.errors import TranslationError
from imagewire.formats import FORMATS
from imagewire.loss import CONTENT, Loss, Outcome
from imagewire.model import Image, ImageResponse
from imagewire.options import Options
from imagewire.redaction import clean
from imagewire.rules.drafts import final_parts
from imagewire.rules.error_bodies import is_failure
from imagewire.rules.media import file_extension, host_of
from imagewire.translate.provenance import located

#: All images are wanted, also those that a text holds.
_OPTIONS = Options(read_markdown=True)


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
    "--name", metavar="STEM", callback=_stem, help="What file names begin with; else that of FILE."
)
@click.option("--force", is_flag=True, help="Overwrite files.")
@FILE
def save(*, file: Path, directory: Path, name: str | None, force: bool) -> None:
    """Write the images of the reply in FILE, or on stdin, to files: STEM-1.png, ...

    Prints the paths. Draft images are left out; remote images are not fetched, and a reply of
    nothing else is refused.
    """
    images = _images(read(file))
    stem = name or ("response" if str(file) == "-" else file.stem)
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
    others = [str(path) for path in files if not is_replaceable(path)]
    if others:
        raise Refused(f"these exist and are not regular files: {', '.join(others)}")
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
    read = _read_response(body)
    left_out: list[Loss] = []
    images = [
        part.image
        for index, candidate in enumerate(read.value.candidates)
        for _, part in final_parts(candidate.parts, ("candidates", index), left_out.append)
        if part.image is not None
    ]
    print_losses(read.losses)
    # A thought's text is no image, so nothing was left out: only the drafts are content.
    print_losses(located([loss for loss in left_out if loss.level is CONTENT], read.provenance))
    if not images:
        raise Refused(f"the response has no image: {_refusal(read.value)}")
    return images


def _read_response(body: bytes) -> Outcome[ImageResponse]:
    """A response of any format, by the one that can read it: no two share what they require."""
    reasons: dict[str, None] = {}
    for format_ in FORMATS.values():
        try:
            return format_.read_response(body, options=_OPTIONS)
        except TranslationError as error:
            if is_failure(body):
                message = format_.read_failure(body, status=200).message
                raise Refused(f"the response is an error: {message} (at $.error)") from error
            reasons[reason(error)] = None
    raise Refused(f"not a response in any format: {'; '.join(reasons)}")


def _refusal(response: ImageResponse) -> str:
    """What a response without an image says instead: reasons, and the model's words."""
    words: list[str | None] = []
    if response.block is not None:
        words += response.block.reason, response.block.message
    for candidate in response.candidates:
        words += candidate.finish, candidate.finish_message
        words += (part.text for part in candidate.parts if not part.thought)
    return clean(": ".join(filter(None, words)))
