"""Input images, masks, and the conversation that an edit is about."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imagewire
from cases import case
from hub import GIF, GIF_URI, PNG, PNG_URI
from images_bodies import GIF_IMAGE, PNG_IMAGE, facts, inline
from imagewire import images
from imagewire.model import Image, Part

Json = dict[str, Any]

MODEL = "gpt-image-2"
GEMINI = "gemini-3-pro-image-preview"
URL = "https://example.com/a.png"


def body_of(**fields: Any) -> Json:
    return {"model": MODEL, "prompt": "a hat", **fields}


def translate(body: Json, source: str, **options: Any) -> tuple[Json, list[tuple[str, str]]]:
    """The JSON body towards images, and its losses."""
    known = imagewire.Options(**{"edit_body": "json", **options})
    given = MODEL if source == "gemini" else None
    result = imagewire.translate_request(
        body, source=source, target="images", model=given, options=known
    )
    edit = "images" in (written := json.loads(bytes(result.body)))
    assert "/v1/images/" + ("edits" if edit else "generations") == result.path
    return written, facts(result.losses)


class TestSpellings:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            case("images-string-url", {"images": [{"image_url": PNG_URI}]}, [PNG_IMAGE]),
            case("images-object-url", {"images": [{"image_url": {"url": PNG_URI}}]}, [PNG_IMAGE]),
            case("images-file-id", {"images": [{"file_id": "f"}]}, [Image(file_id="f")]),
            case("images-strings", {"images": [PNG_URI, URL]}, [PNG_IMAGE, Image(url=URL)]),
            case("images-one-object", {"images": {"image_url": URL}}, [Image(url=URL)]),
            case("images-one-string", {"images": GIF_URI}, [GIF_IMAGE]),
            case("image-string", {"image": PNG_URI}, [PNG_IMAGE]),
            case("image-object", {"image": {"image_url": PNG_URI}}, [PNG_IMAGE]),
            case("image-list", {"image": [PNG_URI, GIF_URI]}, [PNG_IMAGE, GIF_IMAGE]),
            case("image-url", {"image": URL}, [Image(url=URL)]),
            case(
                "image[]", {"image[]": [PNG_URI, {"file_id": "f"}]}, [PNG_IMAGE, Image(file_id="f")]
            ),
            case("image[]-string", {"image[]": PNG_URI}, [PNG_IMAGE]),
            case("images[]", {"images[]": [{"image_url": PNG_URI}]}, [PNG_IMAGE]),
            case("images[]-string", {"images[]": GIF_URI}, [GIF_IMAGE]),
            case("bare-base64", {"image": PNG}, [PNG_IMAGE]),
            case("bare-base64-in-url", {"images": [{"image_url": GIF}]}, [GIF_IMAGE]),
            case("unpadded", {"image": PNG.rstrip("=")}, [PNG_IMAGE]),
            case("wrapped", {"image": f"{PNG[:76]}\n{PNG[76:]}"}, [PNG_IMAGE]),
            case("upper-case-uri", {"image": f"DATA:Image/PNG;BASE64,{PNG}"}, [PNG_IMAGE]),
            case("untyped-uri", {"image": f"data:;base64,{PNG}"}, [PNG_IMAGE]),
            case("uri-parameters", {"image": f"data:image/png;name=a;base64,{PNG}"}, [PNG_IMAGE]),
            case(
                "octet-stream",
                {"image": f"data:application/octet-stream;base64,{GIF}"},
                [GIF_IMAGE],
            ),
            case("two-keys", {"image": GIF_URI, "images": [PNG_URI]}, [PNG_IMAGE, GIF_IMAGE]),
        ],
    )
    def test_each_is_an_input_image_before_the_text(
        self, fields: Json, expected: list[Image]
    ) -> None:
        read = images.read_request(body_of(**fields))
        parts = [*(Part(image=image) for image in expected), Part(text="a hat")]

        assert (tuple(parts), ()) == (read.value.turns[0].parts, read.losses)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            case("empty-object", {"images": [{}]}, "$.images[0]"),
            case("text", {"images": [{"image_url": "a fox"}]}, "$.images[0].image_url"),
            case("text-alone", {"image": "a fox"}, "$.image"),
            case("no-image", {"image": "data:text/plain;base64,aGVsbG8="}, "$.image"),
            case(
                "bad-base64",
                {"images": [URL, {"image_url": {"url": "data:image/png;base64,!!"}}]},
                "$.images[1].image_url.url",
            ),
            case("empty-uri", {"image[]": ["data:image/png;base64,"]}, "$.image[][0]"),
            case("mask", {"image": PNG_URI, "mask": {}}, "$.mask"),
            case("mask-text", {"image": PNG_URI, "mask": "fox"}, "$.mask"),
        ],
    )
    def test_what_is_no_image_raises_with_its_path(self, fields: Json, path: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            images.read_request(body_of(**fields))

        assert (path, 400) == (caught.value.path, caught.value.status)

    def test_bytes_win_over_a_wrong_declaration(self) -> None:
        read = images.read_request(body_of(images=[{"image_url": f"data:image/webp;base64,{PNG}"}]))

        assert Part(image=PNG_IMAGE) == read.value.turns[0].parts[0]
        assert [("CORRECTED", "$.images[0].image_url")] == facts(read.losses)

    def test_an_image_makes_an_edit_and_is_written_in_one_spelling(self) -> None:
        fields = {"image": [PNG, URL, {"file_id": "f"}]}
        expected = [{"image_url": PNG_URI}, {"image_url": URL}, {"file_id": "f"}]

        assert (body_of(images=expected), []) == translate(body_of(**fields), "images")

    def test_images_without_words_are_read(self) -> None:
        request = images.read_request({"model": MODEL, "image": PNG_URI}).value

        assert (Part(image=PNG_IMAGE),) == request.turns[0].parts


class TestElsewhere:
    """What an input image becomes in the other formats, and what comes back."""

    @pytest.mark.parametrize("name", ["chat", "gemini"])
    def test_order_is_kept_and_text_follows(self, name: str) -> None:
        model = GEMINI if name == "gemini" else None
        there = imagewire.translate_request(
            body_of(image=[PNG_URI, GIF_URI]), source="images", target=name, model=model
        )
        back, losses = translate(json.loads(bytes(there.body)), name)

        assert () == there.losses
        assert (body_of(images=[{"image_url": PNG_URI}, {"image_url": GIF_URI}]), []) == (
            {**back, "model": MODEL},
            losses,
        )

    @pytest.mark.parametrize(("name", "model"), [("chat", MODEL), ("gemini", GEMINI)])
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            case("mask", {"image": PNG_URI, "mask": {"image_url": PNG_URI}}, "$.mask"),
            case("file-id", {"images": [{"file_id": "f"}]}, "$.images[0]"),
        ],
    )
    def test_a_mask_and_an_uploaded_file_raise(
        self, fields: Json, path: str, name: str, model: str
    ) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            imagewire.translate_request(
                body_of(**fields), source="images", target=name, model=model
            )

        assert (path, ()) == (caught.value.path, caught.value.urls)

    def test_a_remote_image_raises_towards_gemini_until_it_is_fetched(self) -> None:
        body = body_of(images=[{"image_url": URL}])
        with pytest.raises(imagewire.InexpressibleError) as caught:
            imagewire.translate_request(body, source="images", target="gemini", model=GEMINI)

        assert (URL,) == caught.value.urls

    @pytest.mark.parametrize("source", ["chat", "images"])
    def test_a_remote_image_travels_as_its_url(self, source: str) -> None:
        parts = [
            {"type": "text", "text": "a hat"},
            {"type": "image_url", "image_url": {"url": URL}},
        ]
        chat = {"model": MODEL, "messages": [{"role": "user", "content": parts}]}
        body = chat if source == "chat" else body_of(image=URL)

        assert (body_of(images=[{"image_url": URL}]), []) == translate(body, source)


class TestMask:
    @pytest.mark.parametrize(
        ("given", "written"),
        [
            case("object", {"image_url": PNG_URI}, {"image_url": PNG_URI}),
            case("nested", {"image_url": {"url": PNG_URI}}, {"image_url": PNG_URI}),
            case("string", PNG_URI, {"image_url": PNG_URI}),
            case("file-id", {"file_id": "m"}, {"file_id": "m"}),
            case("url", URL, {"image_url": URL}),
        ],
    )
    def test_a_mask_lies_on_an_image(self, given: Any, written: Json) -> None:
        expected = body_of(images=[{"image_url": GIF_URI}], mask=written)

        assert (expected, []) == translate(body_of(image=GIF_URI, mask=given), "images")

    def test_a_mask_without_an_image_raises(self) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            translate(body_of(mask=PNG_URI), "images")

        assert "mask" == caught.value.param


def said(role: str, *parts: Any) -> Json:
    return {"role": role, "parts": [{"text": x} if isinstance(x, str) else x for x in parts]}


OTHERS = ("DROPPED", "$.contents[0:2]")


class TestConversation:
    """The last user turn asks; what it is about may be the picture before."""

    @pytest.mark.parametrize(
        ("contents", "expected", "losses"),
        [
            case(
                "make-it-night",
                [said("user", "a fox"), said("model", inline(PNG)), said("user", "night")],
                [PNG_URI],
                [OTHERS, ("APPROXIMATED", "$.contents[1].parts[0]")],
            ),
            case(
                "the-last-picture-of-that-turn",
                [said("user", "a"), said("model", inline(GIF), inline(PNG)), said("user", "b")],
                [PNG_URI],
                [
                    OTHERS,
                    ("DROPPED", "$.contents[1].parts[0]"),
                    ("APPROXIMATED", "$.contents[1].parts[1]"),
                ],
            ),
            case(
                "drafts-are-skipped",
                [
                    said("user", "a"),
                    said("model", inline(GIF), inline(PNG, thought=True)),
                    said("user", "b"),
                ],
                [GIF_URI],
                [
                    OTHERS,
                    ("DROPPED", "$.contents[1].parts[1]"),
                    ("APPROXIMATED", "$.contents[1].parts[0]"),
                ],
            ),
            case(
                "only-drafts",
                [said("user", "a"), said("model", inline(PNG, thought=True)), said("user", "b")],
                None,
                [OTHERS, ("DROPPED", "$.contents[1].parts[0]")],
            ),
            case(
                "an-image-of-its-own",
                [said("user", "a"), said("model", inline(PNG)), said("user", "b", inline(GIF))],
                [GIF_URI],
                [OTHERS, ("DROPPED", "$.contents[1].parts[0]")],
            ),
            case(
                "words-only",
                [said("user", "a"), said("model", "no"), said("user", "b")],
                None,
                [OTHERS],
            ),
            case(
                "not-the-users-earlier-image",
                [said("user", "a", inline(GIF)), said("model", "no"), said("user", "b")],
                None,
                [OTHERS, ("DROPPED", "$.contents[0].parts[1]")],
            ),
            case(
                "only-the-model-turn-before",
                [
                    said("model", inline(PNG)),
                    said("user", "a"),
                    said("model", "no"),
                    said("user", "b"),
                ],
                None,
                [("DROPPED", "$.contents[0:3]"), ("DROPPED", "$.contents[0].parts[0]")],
            ),
            case(
                "two-user-turns-after-it",
                [said("model", inline(PNG)), said("user", "a"), said("user", "b")],
                [PNG_URI],
                [
                    ("DROPPED", "$.contents[0]"),
                    ("APPROXIMATED", "$.contents[0].parts[0]"),
                    ("APPROXIMATED", "$.contents[2]"),
                ],
            ),
            case(
                "a-model-turn-at-the-end",
                [said("user", "a"), said("model", inline(PNG))],
                None,
                [("DROPPED", "$.contents[1]"), ("DROPPED", "$.contents[1].parts[0]")],
            ),
        ],
    )
    def test_gemini_turns_are_in_play(
        self, contents: list[Json], expected: list[str] | None, losses: list[tuple[str, str]]
    ) -> None:
        written, found = translate({"contents": contents}, "gemini")
        urls = None if expected is None else [{"image_url": url} for url in expected]

        assert (urls, sorted(losses)) == (written.get("images"), sorted(found))

    MESSAGES = (
        {"role": "system", "content": "Be terse."},
        {"role": "user", "content": "a fox"},
        {
            "role": "assistant",
            "content": [{"type": "image_url", "image_url": {"url": PNG_URI}}],
        },
        {"role": "user", "content": "make it night"},
    )

    @pytest.mark.parametrize(
        ("history", "edits", "losses"),
        [
            (
                "last_user",
                False,
                [
                    ("DROPPED", "$.messages[0].content"),
                    ("DROPPED", "$.messages[1:3]"),
                    ("DROPPED", "$.messages[2].content[0]"),
                ],
            ),
            (
                "all",
                True,
                [
                    ("APPROXIMATED", "$.messages[2].content[0]"),
                    ("DROPPED", "$.messages[0].content"),
                    ("DROPPED", "$.messages[1:3]"),
                ],
            ),
        ],
    )
    def test_chat_turns_are_in_play_with_history_all(
        self,
        history: str,
        edits: bool,  # noqa: FBT001
        losses: list[tuple[str, str]],
    ) -> None:
        body = {"model": MODEL, "messages": list(self.MESSAGES)}
        written, found = translate(body, "chat", history=history)

        assert ("make it night", edits) == (written["prompt"], "images" in written)
        assert losses == sorted(found)

    def test_system_words_of_gemini_are_dropped(self) -> None:
        body = {
            "contents": [said("user", "a fox")],
            "systemInstruction": {"parts": [{"text": "Be terse."}, {"text": "Be kind."}]},
        }
        expected = [("DROPPED", f"$.systemInstruction.parts[{i}]") for i in range(2)]

        assert ({"model": MODEL, "prompt": "a fox"}, expected) == translate(body, "gemini")

    def test_a_loss_of_a_turn_is_one_of_content(self) -> None:
        contents = [said("user", "a", inline(GIF)), said("model", "no"), said("user", "b")]
        result = imagewire.translate_request(
            {"contents": contents}, source="gemini", target="images", model=MODEL
        )

        assert {"content"} == {loss.level.value for loss in result.losses}
