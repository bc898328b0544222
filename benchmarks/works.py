"""What is translated: every direction over bodies of every shape, and bodies meant to hurt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any
from unittest.mock import patch

import attrs

import imagewire
from answers import WrongAnswerError, check_answer
from contenders import Direction
from imagewire.bypass import cut
from payloads import GEMINI_MODEL, GPT_MODEL, Body, Kind, Shape, body_of, encoded

KIB, MIB = 1 << 10, 1 << 20

TEXT = Shape("200 B", 200)
ONE = [Shape("2 KiB", 2 * KIB, 1), Shape("2 MiB", 2 * MIB, 1), Shape("16 MiB", 16 * MIB, 1)]
TEN = Shape("16 MiB, ten images", 16 * MIB, 10)
HISTORY = Shape("a 50-turn history", 0, turns=51)  # and what is asked now
SHAPES: dict[Kind, list[Shape]] = {
    "request": [TEXT, *ONE, TEN, HISTORY],
    "response": [Shape("200 B", 200, 1), *ONE, TEN],
    "failure": [TEXT, *(Shape(shape.name, shape.size) for shape in ONE)],
}
#: What the plot shows beside these: growth in bytes, in images, in turns.
GROWTH: dict[str, list[Shape]] = {
    "bytes": [Shape(f"{size} B", size, 1) for size in (KIB << step for step in range(0, 15, 2))],
    "images": [Shape(f"{n} images", n * 64 * KIB, n) for n in (1, 2, 5, 10, 20)],
    "turns": [Shape(f"{n} turns", 0, turns=n) for n in (1, 5, 15, 51, 151)],
}
_MODELS = {"gemini": GEMINI_MODEL, "images": GPT_MODEL, "chat": None, "responses": GPT_MODEL}
_NOW = 1735689600  # proxies know the time; where nobody does, a loss is told as well
#: The whole conversation is work; a Responses request needs a mainline model.
_OPTIONS = imagewire.Options(history="all", responses_model="gpt-6.1")


@attrs.frozen
class Work:
    """One translation; where ``plain`` is set, it is held against the path without the bypass."""

    direction: Direction
    shape: str
    build: Callable[[], Body] = attrs.field(repr=False)
    plain: bool = False

    @property
    def name(self) -> str:
        """The work in words, as the table and the bounds say it."""
        kind, source, target = self.direction
        return f"{kind} {source} -> {target}, {self.shape}"

    def translate(self, body: Body) -> Any:
        """What imagewire makes of a body."""
        kind, source, target = self.direction
        if kind != "request":
            status = 400 if kind == "failure" else 200
            return imagewire.translate_response(
                body.data, source=source, target=target, status=status, created=_NOW
            )
        endpoint = imagewire.Endpoint(source, "generate", {"gemini": GEMINI_MODEL}.get(source))
        return imagewire.translate_request(
            body.data,
            source=endpoint,
            target=target,
            model=_MODELS[target],
            content_type=body.content_type,
            options=_OPTIONS,
        )

    def outcome(self, body: Body) -> bytes:
        """The bytes of the answer, or what the error says."""
        try:
            return bytes(self.translate(body).body)
        except imagewire.TranslationError as error:
            return f"{error.status} {error}".encode()

    def outcome_plainly(self, body: Body) -> bytes:
        """The same without the bypass of large bodies."""
        with patch.object(cut, "LARGE", 1 << 60):
            return self.outcome(body)

    def check(self, body: Body, answer: bytes) -> None:
        """Raise `WrongAnswerError` if this is no right answer."""
        kind, _, target = self.direction
        if body.said is not None:
            try:
                check_answer(kind, target, answer, body.said)
            except WrongAnswerError as error:
                raise WrongAnswerError(f"{self.name}: {error}") from None


def works() -> Iterator[Work]:
    """All of them; bodies are built when they are asked for."""
    for source, (kind, shapes) in product(imagewire.FORMATS, SHAPES.items()):
        for shape in shapes:
            if source == "images" and shape.turns > 1:
                continue  # its requests are one turn
            for target in imagewire.FORMATS:
                yield work_of((kind, source, target), shape)
    yield from _unkind()


def work_of(direction: Direction, shape: Shape) -> Work:
    """The work of a shape."""
    kind, source, _ = direction
    return Work(direction, shape.name, partial(body_of, kind, source, shape))


def _unkind() -> Iterator[Work]:
    """Bodies that look as if they had large payloads, and have none."""
    asked: Direction = ("request", "chat", "gemini")
    prompt = Shape("64 KiB of prose", 64 * KIB)
    yield Work(asked, prompt.name, partial(body_of, "request", "chat", prompt), plain=True)
    for name, unit in (("quotes", b'\\"'), ("backslashes", b"\\\\")):
        yield Work(asked, f"16 MiB of escaped {name}", partial(_prompted, unit), plain=True)
        bare = partial(Body, unit[1:] * (16 * MIB), None)
        yield Work(asked, f"16 MiB of bare {name}", bare, plain=True)
    for target in ("chat", "images"):
        shape = "16 MiB with one bad byte at the end"
        yield Work(("response", "gemini", target), shape, _almost_base64, plain=True)


def _prompted(unit: bytes) -> Body:
    """A chat request whose prompt is one escape again and again."""
    message = {"role": "user", "content": "@"}
    document = encoded({"model": GEMINI_MODEL, "messages": [message]})
    return Body(document.replace(b"@", unit * (8 * MIB)), None)


def _almost_base64() -> Body:
    """A Gemini response whose picture is base64 but for its last letters."""
    body = body_of("response", "gemini", ONE[-1]).data
    at = body.index(b'"', body.index(b'"data":"') + 8) - 3
    return Body(body[:at] + b"!" + body[at + 1 :], None)
