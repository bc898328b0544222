"""The cases that tests share: every payload in ``tests/data``, by kind, format and name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Literal, Protocol

import attrs
import pytest

import imagewire

#: A file is named ``FORMAT_KIND_CASE``; error bodies are named by their envelope and status,
#: ``google_error_429_CASE.json``. Adding a file adds a case to every table that runs over these.
DATA = Path(__file__).parent.parent / "data"

Kind = Literal["request", "response", "failure"]

#: Which formats an error envelope belongs to.
ENVELOPES = {"google": ("gemini",), "openai": ("chat", "images", "responses")}

#: The model that a Gemini request's path names in these cases.
GEMINI_MODEL = "gemini-3-pro-image-preview"


#: The model to send upstream where the client's own is of a family that the target lacks.
UPSTREAM_MODELS = {"gemini": GEMINI_MODEL, "images": "gpt-image-2", "responses": "gpt-image-2"}


def options_for(target: str, options: imagewire.Options = imagewire.Options()) -> imagewire.Options:
    """Options with what a target needs: Responses a mainline model."""
    if target != "responses":
        return options
    return attrs.evolve(options, responses_model=options.responses_model or "gpt-6.1")


def sample(name: str) -> bytes:
    """A JSON payload by the name of its file."""
    return (DATA / f"{name}.json").read_bytes()


def case(name: str, *values: Any) -> Any:
    """A row of a table, by its name."""
    return pytest.param(*values, id=name)


@attrs.frozen
class Case:
    """One payload, read as one format; a ``.http`` file is a form below its headers."""

    kind: Kind
    format: str
    name: str
    file: str
    status: int = 200

    @property
    def body(self) -> bytes:
        raw = (DATA / self.file).read_bytes()
        return raw.partition(b"\r\n\r\n")[2] if self.file.endswith(".http") else raw

    @property
    def content_type(self) -> str:
        if not self.file.endswith(".http"):
            return "application/json"
        head = (DATA / self.file).read_bytes().partition(b"\r\n\r\n")[0].decode()
        return head.partition("Content-Type: ")[2].partition("\r\n")[0]

    @property
    def source(self) -> imagewire.Endpoint:
        """What the payload was sent to."""
        model = GEMINI_MODEL if self.format == "gemini" else None
        return imagewire.Endpoint(self.format, "generate", model)

    def upstream_model(self, target: str) -> str | None:
        """The model to ask the target for, where it cannot be the client's."""
        model = imagewire.read_model(self.body, source=self.source, content_type=self.content_type)
        served = model is None or imagewire.serves(model, target)
        return None if served else UPSTREAM_MODELS.get(target)

    def translate(self, body: Any, target: str, options: imagewire.Options) -> Any:
        """What a proxy does with this payload, in any form that it holds it in."""
        if self.kind == "request":
            model = self.upstream_model(target)
            return translate(self, body, target, model, options, content_type=self.content_type)
        return imagewire.translate_response(
            body,
            source=self.format,
            target=target,
            status=self.status,
            options=options_for(target, options),
        )

    def __str__(self) -> str:
        return f"{self.kind}-{self.format}-{self.name}"


class Spoken(Protocol):
    """Something that is a request or a reply of a format."""

    @property
    def kind(self) -> str: ...
    @property
    def format(self) -> str: ...


def translate(
    spoken: Spoken,
    body: Any,
    target: str,
    model: str | None,
    options: imagewire.Options,
    *,
    content_type: str = "application/json",
) -> Any:
    """A body translated as what it is: a request, whose path names a model, or a reply."""
    if spoken.kind != "request":
        return imagewire.translate_response(
            body,
            source=spoken.format,
            target=target,
            created=1,
            options=options_for(target, options),
        )
    path_model = GEMINI_MODEL if spoken.format == "gemini" else None
    return imagewire.translate_request(
        body,
        source=imagewire.Endpoint(spoken.format, "generate", path_model),
        target=target,
        model=model,
        content_type=content_type,
        options=options_for(target, options),
    )


def _cases() -> Iterator[Case]:
    for path in sorted(DATA.glob("*.*")):
        first, kind, name = path.stem.split("_", 2)
        if kind == "error":
            status, _, name = name.partition("_")
            for format_ in ENVELOPES[first]:
                yield Case("failure", format_, f"{status}_{name}", path.name, int(status))
        elif kind == "request":
            yield Case("request", first, name, path.name)
        elif kind == "response":
            yield Case("response", first, name, path.name)


CASES = [case for case in _cases() if case.format in imagewire.FORMATS]
REQUESTS = [case for case in CASES if case.kind == "request"]
RESPONSES = [case for case in CASES if case.kind == "response"]
FAILURES = [case for case in CASES if case.kind == "failure"]
DIRECTIONS = list(product(imagewire.FORMATS, repeat=2))
