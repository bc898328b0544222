"""The two laws, over every format and every field of the hub.

Carried or reported: never both, never neither. No loss means lossless: reading back what was
written gives an equal value, up to the normalisations that ``normalisations.NORMALISATIONS`` lists.
"""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from msgspec import structs

import hub
import imagewire
import normalisations
import toy
from imagewire import model
from imagewire.loss import Loss, LossKind
from imagewire.model import ImageRequest, ImageResponse
from imagewire.rules.finish import refusal_of
from strategies import requests, responses

pytestmark = pytest.mark.usefixtures("with_toy")

#: Every format, and the one that a test puts among them.
FORMATS = [*imagewire.FORMATS, toy.NAME]
#: Losses that do not say "not carried": the source was wrong, or the target wanted a value.
_NOTES = {LossKind.CORRECTED, LossKind.DEFAULTED}


class RefusedError(Exception):
    """A response that its face can only tell as an error: there is no way back."""


def there_and_back(
    value: ImageRequest | ImageResponse, name: str, options: imagewire.Options
) -> tuple[Any, list[Loss]]:
    """What a format makes of a value, read back, and the losses on the way."""
    format_ = imagewire.FORMATS[name]
    if isinstance(value, ImageRequest):
        written = format_.write_request(value, options=options)
        wire = written.value
        body = bytes(wire.body)
        kind = wire.headers["content-type"]
        read = format_.read_request(body, model=wire.model, content_type=kind, options=options)
        request = read.value
        back: Any = structs.replace(request, count=request.count * wire.repeat)
        losses = (*written.losses, *read.losses)
    else:
        reply = format_.write_response(value, options=options)
        if reply.value.status >= 400:
            raise RefusedError
        answer = format_.read_response(bytes(reply.value.body), options=options)
        back, losses = answer.value, (*reply.losses, *answer.losses)
    return back, [loss for loss in losses if loss.kind not in _NOTES]


#: The classes of the hub.
HUB = {kind for kind in vars(model).values() if hasattr(kind, "__struct_fields__")}


def every_field() -> set[str]:
    """``Class.field`` of each hub class that a request or a response is made of."""
    found: set[str] = set()
    classes: list[type] = [ImageRequest, ImageResponse]
    while classes:
        kind = classes.pop()
        for name, annotation in get_type_hints(kind).items():
            if f"{kind.__name__}.{name}" not in found:
                found.add(f"{kind.__name__}.{name}")
                classes += [leaf for leaf in leaves(annotation) if leaf in HUB]
    return found


def leaves(annotation: Any) -> list[Any]:
    arguments = get_args(annotation)
    return [leaf for item in arguments for leaf in leaves(item)] if arguments else [annotation]


FIELDS: list[tuple[str, Any]] = sorted(
    {**hub.REQUESTS, **hub.RESPONSES}.items(), key=lambda item: item[0]
)
#: A Responses request needs a mainline model, whatever else is asked for.
MAINLINE: dict[str, Any] = {"responses_model": "gpt-6.1"}
OPTIONS = {
    "defaults": imagewire.Options(**MAINLINE),
    "vertex": imagewire.Options(vertex=True, **MAINLINE),
    "no_extensions": imagewire.Options(chat_extensions=False, **MAINLINE),
    "message_images": imagewire.Options(chat_images="message", keep_drafts=True, **MAINLINE),
    "revised_prompt": imagewire.Options(images_text="revised_prompt", edit_body="json", **MAINLINE),
    "markdown": imagewire.Options(chat_images="markdown", read_markdown=True, **MAINLINE),
}


class TestTable:
    def test_every_field_of_the_hub_has_a_case(self) -> None:
        assert every_field() == {name for name, _ in FIELDS}


class TestCarriedOrReported:
    @pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
    @pytest.mark.parametrize("name", FORMATS)
    def test_every_field_is_carried_or_reported_or_refused(
        self, name: str, options: imagewire.Options
    ) -> None:
        for field, value in FIELDS:
            try:
                back, losses = there_and_back(value, name, options)
            except imagewire.TranslationError as error:
                assert error.path.startswith("$."), field
                continue
            except RefusedError:
                assert "images" == name, field
                continue

            shapes = not losses  # a shape that was approximated may be near, and is not carried
            carried = normalisations.normal(back, name, shapes=shapes) == normalisations.normal(
                value, name, shapes=shapes
            )

            assert carried != bool(losses), (field, back, losses)


class TestNoLossMeansLossless:
    @pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
    @pytest.mark.parametrize("name", FORMATS)
    @settings(max_examples=50)
    @given(value=requests())
    def test_a_request_comes_back_equal_or_with_a_loss(
        self, name: str, options: imagewire.Options, value: ImageRequest
    ) -> None:
        try:
            back, losses = there_and_back(value, name, options)
        except imagewire.TranslationError as error:
            assert error.path.startswith("$.")
            return

        assert losses or normalisations.normal(value, name) == normalisations.normal(back, name)

    @pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
    @pytest.mark.parametrize("name", FORMATS)
    @settings(max_examples=50)
    @given(value=responses())
    def test_a_response_comes_back_equal_or_with_a_loss(
        self, name: str, options: imagewire.Options, value: ImageResponse
    ) -> None:
        try:
            back, losses = there_and_back(value, name, options)
        except RefusedError:
            assert (True, "images") == (refusal_of(value) is not None, name)
            return

        assert losses or normalisations.normal(value, name) == normalisations.normal(back, name)


class TestCanonicalDocument:
    @settings(max_examples=50)
    @given(value=requests())
    def test_a_request_round_trips_through_json(self, value: ImageRequest) -> None:
        assert value == msgspec.json.decode(msgspec.json.encode(value), type=ImageRequest)

    @settings(max_examples=50)
    @given(value=responses())
    def test_a_response_round_trips_through_json(self, value: ImageResponse) -> None:
        assert value == msgspec.json.decode(msgspec.json.encode(value), type=ImageResponse)

    def test_a_failure_round_trips_through_json(self) -> None:
        failure = imagewire.gemini.read_failure(b'{"error":{"details":[{"a":1}]}}', status=400)

        assert failure == msgspec.json.decode(msgspec.json.encode(failure), type=model.Failure)

    def test_a_part_is_exactly_one_thing(self) -> None:
        with pytest.raises(ValueError, match="exactly one"):
            model.Part(text="a", image=hub.PICTURE.image)
        with pytest.raises(msgspec.ValidationError, match="exactly one"):
            msgspec.json.decode(b'{"thought": true}', type=model.Part)

    def test_an_image_is_in_exactly_one_place(self) -> None:
        with pytest.raises(ValueError, match="exactly one"):
            model.Image()
