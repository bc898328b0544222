"""Results: what is in a reply of any format, or in a line of results of any shape.

The pictures of a reply are those of all its candidates, without drafts.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imagewire.batch.envelopes import open_line
from imagewire.batch.shapes import SHAPES, recognise
from imagewire.loss import Report
from imagewire.model import Failure, Image, ImageResponse
from imagewire.options import Options
from imagewire.redaction import clean
from imagewire.rules.drafts import final_parts
from imagewire.translate.recognition import recognised_reply

#: All images are wanted, also those that a text holds.
EVERY_IMAGE = Options(read_markdown=True)


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


def read_result(line: bytes, number: int) -> Result:
    """What a line of results says; one without an id has its number. Raises `TranslationError`."""
    envelope = open_line(line)
    shape = SHAPES[recognise(envelope)]
    id_ = shape.read_id(envelope)
    key = str(number) if id_ is None else id_
    reply = shape.read_response(envelope, line).reply
    found = recognised_reply(reply, options=EVERY_IMAGE).value
    if isinstance(found, Failure):
        return Result(key, error=found.message)
    answers = tuple(answers_of(found, lambda _: None))
    finish = found.candidates[0].finish if found.candidates else None
    if answers:
        return Result(key, answers, answers[0].text, finish)
    return Result(key, text=_texts(found), finish=finish, error=refusal(found))


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
