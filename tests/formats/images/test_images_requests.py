"""An Images request: its settings both ways, its prompt, and what else a conversation said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

import imagewire
from cases import case
from hub import HELLO, PICTURE, PNG, PNG_URI, SIGNATURE
from images_bodies import MODEL, Json, body_of, hub_of, translate
from images_bodies import (
    write_request as write,
)
from imagewire import images
from imagewire.loss import LossLevel
from imagewire.model import (
    Foreign,
    Image,
    ImageSettings,
    Part,
    Turn,
)


class TestFields:
    """One table, both ways, and nothing is reported."""

    @pytest.mark.parametrize(
        ("wire", "hub"),
        [
            case("nothing", {}, {}),
            case("n", {"n": 4}, {"count": 4}),
            case("n-ten", {"n": 10}, {"count": 10}),
            case("quality", {"quality": "high"}, {"image": ImageSettings(quality="high")}),
            case(
                "background",
                {"background": "opaque"},
                {"image": ImageSettings(background="opaque")},
            ),
            case("format", {"output_format": "webp"}, {"image": ImageSettings(format="webp")}),
            case("compression", {"output_compression": 0}, {"image": ImageSettings(compression=0)}),
            case("moderation", {"moderation": "low"}, {"image": ImageSettings(moderation="low")}),
            case("user", {"user": "u-1"}, {"user": "u-1"}),
            case("safety-identifier", {"safety_identifier": "s"}, {"safety_identifier": "s"}),
        ],
    )
    def test_a_field_is_read_and_written(self, wire: Json, hub: Json) -> None:
        read = images.read_request(json.dumps(body_of(**wire)).encode())
        marked = {"quality", "background", "output_format"} & wire.keys()
        marks = [("mark", ("values", MODEL))] if marked else []

        assert (hub_of(**hub), ()) == (structs.replace(read.value, extras=()), read.losses)
        assert marks == [(extra.policy, extra.path) for extra in read.value.extras]
        assert (body_of(**wire), []) == write(hub_of(**hub))

    @pytest.mark.parametrize(
        "neutral",
        [
            case("null-n", {"n": None}),
            case("n-one", {"n": 1}),
            case("auto-size", {"size": "auto"}),
            case("auto-quality", {"quality": "auto"}),
            case("auto-background", {"background": "AUTO"}),
            case("auto-moderation", {"moderation": "auto"}),
            case("auto-format", {"output_format": "auto"}),
            case("auto-fidelity", {"input_fidelity": "auto"}),
            case("no-stream", {"stream": False}),
            case("no-partial-images", {"partial_images": 0}),
            case("null-image", {"image": None, "images": None, "mask": None}),
            case("no-images", {"images": []}),
            case("empty-user", {"user": "", "safety_identifier": ""}),
        ],
    )
    def test_what_is_neutral_is_absent_and_silent(self, neutral: Json) -> None:
        read = images.read_request(body_of(**neutral))

        assert (hub_of(), ()) == (read.value, read.losses)

    @pytest.mark.parametrize("spelling", ["jpg", "JPEG", "JPG", "jpeg"])
    def test_jpeg_has_one_spelling(self, spelling: str) -> None:
        body, losses = translate(body_of(output_format=spelling), "images")

        assert ("jpeg", []) == (body["output_format"], losses)

    @pytest.mark.parametrize("given", ["2", 2, 2.0])
    def test_numbers_are_read_liberally(self, given: Any) -> None:
        assert 2 == images.read_request(body_of(n=given)).value.count

    @pytest.mark.parametrize("given", ["openai/gpt-image-2", "gpt-image-2"])
    def test_a_model_has_a_bare_id_and_the_spelling_of_its_client(self, given: str) -> None:
        request = images.read_request(body_of(model=given)).value

        assert ("gpt-image-2", given) == (request.model, request.model_as_given)

    def test_a_model_may_come_from_the_caller(self) -> None:
        assert "m" == images.read_request({"prompt": "a fox"}, model="m").value.model

    def test_a_model_may_be_missing(self) -> None:
        assert None is images.read_request({"prompt": "a fox"}).value.model

    @pytest.mark.parametrize("model", ["", "a\nb", "m" * 257])
    def test_what_is_no_model_id_raises(self, model: str) -> None:
        with pytest.raises(imagewire.InvalidModelError) as caught:
            images.read_request(body_of(model=model))

        assert ("model", "invalid_model") == (caught.value.param, caught.value.code)

    def test_headers_are_type_and_length(self) -> None:
        wire = images.write_request(hub_of()).value

        assert ("POST", "/v1/images/generations", 1) == (wire.method, wire.path, wire.repeat)
        assert {
            "content-type": "application/json",
            "content-length": str(len(bytes(wire.body))),
        } == wire.headers


class TestBounds:
    @pytest.mark.parametrize("n", [0, -1, 11, "11"])
    def test_a_count_outside_1_to_10_raises(self, n: Any) -> None:
        with pytest.raises(imagewire.UnsupportedError) as caught:
            images.read_request(body_of(n=n))

        assert ("n", 400) == (caught.value.param, caught.value.status)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("stream", True), ("stream", "true"), ("partial_images", 1), ("partial_images", "2")],
    )
    def test_streaming_raises(self, field: str, value: Any) -> None:
        with pytest.raises(imagewire.UnsupportedError) as caught:
            images.read_request(body_of(**{field: value}))

        assert (field, 400) == (caught.value.param, caught.value.status)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            case("prompt", {"prompt": 5}, "$.prompt"),
            case("n", {"n": "many"}, "$.n"),
            case("n-half", {"n": 1.5}, "$.n"),
            case("size", {"size": "large"}, "$.size"),
            case("size-zero", {"size": "0x1024"}, "$.size"),
            case("image", {"image": 5}, "$.image"),
            case("image-url", {"images": [{"image_url": 5}]}, "$.images[0].image_url"),
        ],
    )
    def test_a_wrong_type_raises_with_its_path(self, fields: Json, path: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            images.read_request(body_of(**fields))

        assert (path, 400) == (caught.value.path, caught.value.status)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"<html>", b"\xff"])
    def test_what_is_no_json_object_raises(self, body: bytes) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            images.read_request(body)

        assert 400 == caught.value.status


class TestResponseFormat:
    @pytest.mark.parametrize(
        ("given", "losses"),
        [("b64_json", []), ("url", [("DROPPED", "$.response_format")]), ("", []), (None, [])],
    )
    def test_gpt_image_is_never_asked_for_one(self, given: Any, losses: Any) -> None:
        assert (body_of(), losses) == translate(body_of(response_format=given), "images")

    @pytest.mark.parametrize("given", ["b64_json", "url"])
    def test_dall_e_is(self, given: str) -> None:
        body = body_of(model="dall-e-3", response_format=given)

        assert (body, []) == translate(body, "images")

    def test_the_reply_learns_of_it(self) -> None:
        result = imagewire.translate_request(
            body_of(response_format="url"), source="images", target="images"
        )

        assert "url" == result.context.response_format


class TestInputFidelity:
    @pytest.mark.parametrize(
        ("model", "edit", "kept"),
        [
            case("1", "gpt-image-1", True, True),
            case("2", "gpt-image-2", True, True),
            case("unknown", "gpt-image-9", True, True),
            case("1-generation", "gpt-image-1", False, False),
            case("2-generation", "gpt-image-2", False, False),
        ],
    )
    def test_an_edit_keeps_its_own_and_a_generation_has_none(
        self,
        model: str,
        edit: bool,  # noqa: FBT001
        kept: bool,  # noqa: FBT001
    ) -> None:
        body = body_of(model=model, input_fidelity="high", **({"image": PNG_URI} if edit else {}))
        written, losses = translate(body, "images", edit_body="json")

        assert ("high" if kept else None) == written.get("input_fidelity")
        assert ([] if kept else [("DROPPED", "$.input_fidelity")]) == losses


class TestPrompt:
    @pytest.mark.parametrize(
        "prompt", ["a fox", " a\nfox\t", "\u0000 fox", "狐 🦊", "a" * 40_000], ids=range(5)
    )
    @pytest.mark.parametrize("source", ["chat", "gemini", "images"])
    def test_one_text_is_byte_identical(self, source: str, prompt: str) -> None:
        bodies: dict[str, Json] = {
            "chat": {"model": MODEL, "messages": [{"role": "user", "content": prompt}]},
            "gemini": {"contents": [{"role": "user", "parts": [{"text": prompt}]}]},
            "images": {"model": MODEL, "prompt": prompt},
        }
        written, losses = translate(bodies[source], source)

        assert (prompt, []) == (written["prompt"], losses)

    @pytest.mark.parametrize(
        ("parts", "prompt", "losses"),
        [
            case("before", [HELLO, PICTURE], "a fox", []),
            case("after", [PICTURE, HELLO], "a fox", []),
            case("after-two", [PICTURE, PICTURE, HELLO], "a fox", []),
            case("between", [PICTURE, HELLO, PICTURE], "a fox", [("APPROXIMATED", "$.turns[0]")]),
            case(
                "two-texts",
                [HELLO, Part(text="at night")],
                "a fox\nat night",
                [("APPROXIMATED", "$.turns[0]")],
            ),
            case(
                "around-an-image",
                [HELLO, PICTURE, Part(text="at night")],
                "a fox\nat night",
                [("APPROXIMATED", "$.turns[0]")],
            ),
        ],
    )
    def test_texts_become_one_prompt(
        self, parts: list[Part], prompt: str, losses: list[tuple[str, str]]
    ) -> None:
        request = hub_of(turns=(Turn(role="user", parts=tuple(parts)),))
        written, found = write(request, edit_body="json")

        assert (prompt, losses) == (written["prompt"], found)

    @pytest.mark.parametrize(
        "fields",
        [
            case("generation", {"prompt": ""}),
            case("null", {"prompt": None}),
            case("edit", {"prompt": "", "image": PNG_URI}),
            case("edit-null", {"prompt": None, "images": [{"image_url": PNG_URI}]}),
        ],
    )
    def test_no_words_raise_with_param_prompt(self, fields: Json) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            translate(body_of(**fields), "images")

        assert ("prompt", 400) == (caught.value.param, caught.value.status)

    def test_an_edit_without_words_raises_whatever_the_source(self) -> None:
        picture = {"type": "image_url", "image_url": {"url": PNG_URI}}
        with pytest.raises(imagewire.InexpressibleError) as chat:
            translate(
                {"model": MODEL, "messages": [{"role": "user", "content": [picture]}]}, "chat"
            )
        inline = {"inlineData": {"mimeType": "image/png", "data": PNG}}
        with pytest.raises(imagewire.InexpressibleError) as gemini:
            translate({"contents": [{"parts": [inline]}]}, "gemini")

        assert ("prompt", "prompt") == (chat.value.param, gemini.value.param)

    @pytest.mark.parametrize("turns", [(), (Turn(role="model", parts=(HELLO,)),)])
    def test_no_user_turn_raises(self, turns: tuple[Turn, ...]) -> None:
        with pytest.raises(imagewire.InexpressibleError):
            write(hub_of(turns=turns))


class TestMarks:
    @pytest.mark.parametrize(
        ("part", "level"),
        [
            case("thought", Part(text="hm", thought=True), LossLevel.CONTENT),
            case("signature", Part(text="hm", signature=SIGNATURE), LossLevel.CONTENT),
            case(
                "detail",
                Part(image=Image(data=PNG, media_type="image/png", detail="low")),
                LossLevel.SETTING,
            ),
        ],
    )
    def test_a_mark_of_the_prompt_is_dropped(self, part: Part, level: LossLevel) -> None:
        parts = (part,) if part.signature else (part, HELLO)
        outcome = images.write_request(hub_of(turns=(Turn(role="user", parts=parts),)))

        assert [("DROPPED", level, "$.turns[0].parts[0]")] == [
            (loss.kind, loss.level, loss.path) for loss in outcome.losses
        ]

    def test_a_foreign_part_of_the_prompt_raises(self) -> None:
        audio = Part(foreign=Foreign(format="chat", kind="input_audio", value={}))
        with pytest.raises(imagewire.UnsupportedError) as caught:
            write(hub_of(turns=(Turn(role="user", parts=(HELLO, audio)),)))

        assert "$.turns[0].parts[1]" == caught.value.path
