"""The laws through `translate_*`, over all directions.

Whatever a source's body can say arrives at the target equal, or something is reported.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from msgspec import structs

import imagewire
import normalisations
from cases import DIRECTIONS, UPSTREAM_MODELS
from imagewire.loss import LossKind
from imagewire.model import Extra, ImageRequest, ImageResponse
from strategies import requests, responses

ALL = imagewire.Options(
    history="all", keep_drafts=True, images_text="revised_prompt", responses_model="gpt-6.1"
)
ACROSS = pytest.mark.parametrize(
    ("source", "target"), DIRECTIONS, ids=[f"{a}-to-{b}" for a, b in DIRECTIONS]
)
NOTES = {LossKind.CORRECTED, LossKind.DEFAULTED}


def reported(losses: tuple[imagewire.Loss, ...]) -> bool:
    return any(loss.kind not in NOTES for loss in losses)


def same(one: Any, other: Any, *faces: str) -> bool:
    """Whether two hub values are equal up to the normalisations of the faces between them."""
    one, other = (normalisations.without_extras(value, is_bookkeeping) for value in (one, other))
    for face in faces:
        one, other = normalisations.normal(one, face), normalisations.normal(other, face)
    return bool(one == other)


def is_bookkeeping(extra: Extra) -> bool:
    """A format's bookkeeping fields, and its notes to itself, vanish in silence towards another."""
    return extra.policy in {"silent", "mark"}


def without_model(request: ImageRequest) -> ImageRequest:
    return structs.replace(request, model=None, model_as_given=None)


class TestRequests:
    @ACROSS
    @settings(max_examples=40)
    @given(value=requests())
    def test_a_request_arrives_equal_or_something_is_reported(
        self, source: str, target: str, value: ImageRequest
    ) -> None:
        reader, writer = imagewire.FORMATS[source], imagewire.FORMATS[target]
        try:
            wire = reader.write_request(value, options=ALL).value
        except imagewire.TranslationError:
            assume(False)  # the source cannot say it
        kind = wire.headers["content-type"]
        start = reader.read_request(
            bytes(wire.body), model=wire.model, content_type=kind, options=ALL
        )
        try:
            result = imagewire.translate_request(
                bytes(wire.body),
                source=imagewire.Endpoint(source, "generate", wire.model),
                target=target,
                model=UPSTREAM_MODELS.get(target),
                content_type=kind,
                options=ALL,
            )
        except imagewire.TranslationError as error:
            assert error.path.startswith("$.")
            return
        back = writer.read_request(
            bytes(result.body),
            model=result.model,
            content_type=result.headers["content-type"],
            options=ALL,
        ).value
        arrived = structs.replace(back, count=back.count * result.repeat)

        assert reported(result.losses) or same(
            without_model(start.value), without_model(arrived), source, target
        )


class TestResponses:
    @ACROSS
    @settings(max_examples=40)
    @given(value=responses())
    def test_a_response_arrives_equal_or_something_is_reported(
        self, source: str, target: str, value: ImageResponse
    ) -> None:
        reader, writer = imagewire.FORMATS[source], imagewire.FORMATS[target]
        wire = reader.write_response(value, options=ALL).value
        assume(wire.status == 200)  # else the source can only say that it failed
        start = reader.read_response(bytes(wire.body), options=ALL).value
        result = imagewire.translate_response(
            bytes(wire.body), source=source, target=target, options=ALL
        )
        if result.status >= 400:
            assert result.failure is not None
            return
        arrived = writer.read_response(bytes(result.body), options=ALL).value

        assert reported(result.losses) or same(start, arrived, source, target)
