"""Results: what is in a reply of any format, or in a line of results of any shape.

The pictures of a reply are those of all its candidates, without drafts. No two formats share what
their replies require, so the format of a reply is the one that can read it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imagewire.batch.envelopes import open_line
from imagewire.batch.shapes import SHAPES, recognise
from imagewire.errors import MalformedError, TranslationError
from imagewire.formats import FORMATS
from imagewire.loss import Outcome, Report
from imagewire.messages import Body, Reply
from imagewire.model import Failure, Image, ImageResponse
from imagewire.options import Options
from imagewire.redaction import clean
from imagewire.rules.drafts import final_parts
from imagewire.rules.error_bodies import is_failure

#: All images are wanted, also those that a text holds.
_OPTIONS = Options(read_markdown=True)


class Answer(msgspec.Struct, frozen=True):
    """A picture, the words beside it, and how its candidate ended."""

    image: Image
    text: str
    finish: str


class Result(msgspec.Struct, frozen=True):
    """What a line of results says: pictures, or why there is none (``error``)."""

    id: str
    answers: tuple[Answer, ...] = ()
    text: str = ""
    finish: str | None = None
    error: str | None = None


def read_reply(body: Body) -> Outcome[ImageResponse] | Failure:
    """The response of a successful reply in any format, or the failure that it tells of.

    Raises `MalformedError` for what no format reads, with the reason of each.
    """
    reasons: dict[str, None] = {}
    for format_ in FORMATS.values():
        try:
            return format_.read_response(body, options=_OPTIONS)
        except TranslationError as error:
            if is_failure(body):
                return format_.read_failure(body, status=200)
            reasons[f"{error.message} (at {error.path})"] = None
    raise MalformedError(f"not a response in any format: {'; '.join(reasons)}")


def read_result(line: bytes, number: int) -> Result:
    """What a line of results says; one without an id has its number. Raises `TranslationError`."""
    envelope = open_line(line)
    shape = SHAPES[recognise(envelope)]
    id_ = shape.read_id(envelope)
    key = str(number) if id_ is None else id_
    reply = shape.read_response(envelope, line).reply
    found = _read(reply)
    if isinstance(found, Failure):
        return Result(key, error=found.message)
    answers = tuple(answers_of(found, lambda _: None))
    finish = found.candidates[0].finish if found.candidates else None
    if answers:
        return Result(key, answers, answers[0].text, finish)
    return Result(key, text=_texts(found), finish=finish, error=refusal(found))


def _read(reply: Reply) -> ImageResponse | Failure:
    if reply.status >= 400:
        first = next(iter(FORMATS.values()))
        return first.read_failure(reply.body, status=reply.status, headers=reply.headers)
    found = read_reply(reply.body)
    return found if isinstance(found, Failure) else found.value


def answers_of(response: ImageResponse, report: Report) -> Iterator[Answer]:
    """The pictures of a response; drafts are left out, and reported with hub paths."""
    for index, candidate in enumerate(response.candidates):
        parts = [part for _, part in final_parts(candidate.parts, ("candidates", index), report)]
        text = "\n".join(part.text for part in parts if part.text)
        for part in parts:
            if part.image is not None:
                yield Answer(part.image, text, candidate.finish)


def refusal(response: ImageResponse) -> str:
    """What a response without an image says instead: reasons, and the model's words."""
    words: list[str | None] = []
    if response.block is not None:
        words += response.block.reason, response.block.message
    for candidate in response.candidates:
        words += candidate.finish, candidate.finish_message
        words += (part.text for part in candidate.parts if not part.thought)
    return clean(": ".join(filter(None, words)))


def _texts(response: ImageResponse) -> str:
    parts = (part for candidate in response.candidates for part in candidate.parts)
    return "\n".join(part.text for part in parts if part.text and not part.thought)
