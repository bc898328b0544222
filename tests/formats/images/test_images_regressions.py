"""Bugs that reviews found in the Images format, each as the case it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imagewire
from bodies import document
from hub import GIF, HELLO, PICTURE, PNG, SIGNATURE, history, request, response
from hub import PNG_URI as URI
from imagewire.loss import LossLevel
from imagewire.model import Block, Candidate, Image, Part
from imagewire.rules.finish import refusal_of

FOX: dict[str, Any] = {"model": "gpt-image-2", "prompt": "a fox"}
FORM = "multipart/form-data; boundary=b"


def form(*parts: tuple[str, bytes]) -> bytes:
    """A form of headers and data."""
    return (
        b"".join(
            f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + data + b"\r\n"
            for head, data in parts
        )
        + b"--b--\r\n"
    )


def edited(body: Any, target: str = "images", **fields: Any) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(body, source="images", target=target, **fields)


def told(result: Any) -> list[tuple[str, str]]:
    return [(loss.kind, loss.path) for loss in result.losses]


class TestForms:
    def test_a_field_s_name_cannot_write_headers(self) -> None:
        body = {**FOX, "image": URI, 'x"\r\nX-Evil: 1\r\n\r\nhi': "v"}

        assert b'name="x%22%0D%0AX-Evil: 1%0D%0A%0D%0Ahi"\r\n' in bytes(edited(body).body)

    def test_a_boundary_that_occurs_in_a_name_is_refused(self) -> None:
        options = imagewire.Options(boundary="prompt")

        with pytest.raises(imagewire.InexpressibleError, match="boundary") as caught:
            edited({**FOX, "image": URI}, options=options)

        assert "Options.boundary" in caught.value.__notes__[0]

    @pytest.mark.parametrize("boundary", ["\u20ac", "b" * 300], ids=["euro", "too-long"])
    def test_an_odd_boundary_is_malformed(self, boundary: str) -> None:
        with pytest.raises(imagewire.MalformedError):
            edited(b"--b--", content_type=f"multipart/form-data; boundary={boundary}")

    def test_a_comma_in_a_media_type_does_not_cut_the_image(self) -> None:
        data = b"GIF89a..."
        head = 'name="image"; filename="a"\r\nContent-Type: image/png,foo'
        body = form(('name="model"', b"gpt-image-2"), ('name="prompt"', b"a"), (head, data))
        result = edited(body, "chat", content_type=FORM)

        url = document(result)["messages"][0]["content"][0]["image_url"]["url"]
        assert "data:image/gif;base64,R0lGODlhLi4u" == url

    def test_a_text_field_that_came_as_a_file_is_its_text(self) -> None:
        head = 'name="prompt"; filename="p.txt"\r\nContent-Type: text/plain'
        body = form(('name="model"', b"gpt-image-2"), (head, b"a fox"))

        assert "a fox" == document(edited(body, content_type=FORM))["prompt"]

    def test_a_mask_may_come_as_text(self) -> None:
        body = form(
            ('name="model"', b"gpt-image-2"),
            ('name="prompt"', b"a fox"),
            ('name="image"', URI.encode()),
            ('name="mask"', URI.encode()),
        )

        assert b'name="mask"; filename="mask.png"' in bytes(edited(body, content_type=FORM).body)

    def test_what_is_not_a_text_becomes_one_and_is_reported(self) -> None:
        body = {**FOX, "image": URI, "z": None, "y": [1, "a"]}
        result = edited(body)

        assert b'name="y[]"\r\n\r\n1\r\n' in bytes(result.body)
        assert b'name="z"' not in bytes(result.body)
        assert ("APPROXIMATED", "$.y") in told(result)

    def test_a_list_of_a_form_is_read_and_written_as_one(self) -> None:
        body = form(
            ('name="model"', b"gpt-image-2"),
            ('name="prompt"', b"a fox"),
            ('name="image"', URI.encode()),
            ('name="y[]"', b"1"),
            ('name="y[]"', b"a"),
        )
        written = bytes(edited(body, content_type=FORM).body)

        assert b'name="y[]"\r\n\r\n1\r\n' in written
        assert b'name="y[]"\r\n\r\na\r\n' in written

    @pytest.mark.parametrize(
        "names", [("y", "y[]"), ("y[]", "y")], ids=["text-first", "list-first"]
    )
    def test_a_list_and_a_text_of_one_name_are_two_fields(self, names: tuple[str, str]) -> None:
        body = form(
            ('name="model"', b"gpt-image-2"),
            ('name="prompt"', b"a fox"),
            *((f'name="{name}"', b"1") for name in names),
        )

        with pytest.raises(imagewire.MalformedError, match="two fields `y`"):
            edited(body, content_type=FORM)

    def test_a_parser_of_bad_forms_says_nothing_to_logs(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with pytest.raises(imagewire.MalformedError):
            edited(b"no form", content_type=FORM)

        assert [] == caplog.records


class TestSizes:
    @pytest.mark.parametrize("size", ["2048x2048", "1024x1024"])
    def test_pixels_beside_a_ratio_that_agrees_are_kept(self, size: str) -> None:
        body = {
            "model": "gpt-image-2",
            "messages": [{"role": "user", "content": "a fox"}],
            "size": size,
            "aspect_ratio": "1:1",
        }
        result = imagewire.translate_request(body, source="chat", target="images")

        assert (size, ()) == (document(result)["size"], result.losses)

    def test_a_tier_of_no_ratio_is_reported_with_it(self) -> None:
        body = {
            "model": "gpt-image-2",
            "messages": [{"role": "user", "content": "a fox"}],
            "image_config": {"aspect_ratio": "foo", "image_size": "2K"},
        }
        result = imagewire.translate_request(body, source="chat", target="images")

        assert [
            ("DROPPED", "$.image_config.aspect_ratio"),
            ("DROPPED", "$.image_config.image_size"),
        ] == told(result)


class TestRequests:
    def test_the_type_of_a_remote_image_is_reported(self) -> None:
        image = Part(image=Image(url="https://example.com/a", media_type="image/gif"))
        outcome = imagewire.images.write_request(request(image, HELLO))

        assert ["$.turns[0].parts[0]"] == [loss.path for loss in outcome.losses]

    def test_the_marks_of_a_borrowed_picture_are_reported(self) -> None:
        picture = Part(image=PICTURE.image, signature=SIGNATURE)
        outcome = imagewire.images.write_request(history(picture))

        assert 2 == [loss.path for loss in outcome.losses].count("$.turns[1].parts[0]")


class TestReplies:
    def test_a_block_beside_a_picture_is_reported(self) -> None:
        outcome = imagewire.images.write_response(response(block=Block(reason="SAFETY")))

        assert "$.block" in [loss.path for loss in outcome.losses]

    def test_a_block_without_a_picture_decides(self) -> None:
        value = response(HELLO, block=Block(reason="SAFETY", message="Not this."))
        failure = refusal_of(value)

        assert failure is not None
        assert ("content_blocked", "Not this.", "input") == (
            failure.kind,
            failure.message,
            failure.stage,
        )

    def test_a_missing_picture_among_others_is_content(self) -> None:
        candidates = (Candidate(parts=(PICTURE,)), Candidate(finish="IMAGE_SAFETY"))
        outcome = imagewire.images.write_response(response(candidates=candidates))
        levels = {loss.path: loss.level for loss in outcome.losses}

        assert LossLevel.CONTENT == levels["$.candidates[1]"]

    @pytest.mark.parametrize(
        ("drafts", "expected"),
        [(("image/png",), "png"), (("image/png", "image/gif"), None)],
        ids=["one", "two-of-a-kind-each"],
    )
    def test_promoted_drafts_count_for_the_format(
        self, drafts: tuple[str, ...], expected: str | None
    ) -> None:
        data = {"image/png": PNG, "image/gif": GIF}
        candidates = tuple(
            Candidate(parts=(Part(image=Image(data=data[kind], media_type=kind), thought=True),))
            for kind in drafts
        )
        reply = imagewire.images.write_response(response(candidates=candidates)).value

        assert expected == document(reply).get("output_format")

    def test_svg_is_a_format_and_not_corrected(self) -> None:
        svg = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
        body = {"created": 1, "data": [{"b64_json": svg}], "output_format": "svg"}
        result = imagewire.translate_response(body, source="images", target="images")

        assert ("svg", ()) == (document(result)["output_format"], result.losses)

    def test_a_type_that_bytes_do_not_tell_is_reported(self) -> None:
        image = Image(data="AAAA", media_type="image/bmp")
        outcome = imagewire.images.write_response(response(Part(image=image)))

        assert "$.candidates[0].parts[0]" in [loss.path for loss in outcome.losses]

    def test_a_draft_mark_and_an_odd_size_come_back(self) -> None:
        mark = {"google": {"thought": True}}
        body = {
            "created": 1,
            "data": [{"b64_json": PNG, "extra_content": mark}],
            "size": "1K",
            "output_format": "png",
        }
        result = imagewire.translate_response(body, source="images", target="images")

        assert (body, ()) == (document(result), result.losses)

    def test_settings_of_another_reply_are_reported(self) -> None:
        replies = [
            imagewire.Reply(json.dumps({"created": 1, "data": [{"b64_json": PNG}], "size": size}))
            for size in ("1024x1024", "1536x1024")
        ]
        result = imagewire.translate_responses(replies, source="images", target="images")

        assert ("DROPPED", "$[1].size") in told(result)

    def test_a_later_reply_s_unknown_count_is_reported_in_its_place(self) -> None:
        parts = [{"inlineData": {"mimeType": "image/png", "data": PNG}}]
        body = {"candidates": [{"content": {"parts": parts}}], "usageMetadata": {"newCount": 5}}
        replies = [imagewire.Reply(json.dumps(body))] * 2
        result = imagewire.translate_responses(replies, source="gemini", target="chat", created=1)

        assert ("DROPPED", "$[1].usageMetadata.newCount") in told(result)


class TestFailures:
    def test_an_error_nested_too_deep_keeps_its_words(self) -> None:
        error = {"message": "too deep", "foo": json.loads("[" * 400 + "]" * 400)}
        for _ in range(400):
            error["foo"] = [error["foo"]]
        failure = imagewire.chat.read_failure({"error": error}, status=400)

        assert failure.message in {
            "too deep",
            "the upstream answered with HTTP status 400 and no message",
        }

    def test_deep_bytes_keep_their_words(self) -> None:
        body = b'{"error": {"message": "too deep", "foo": ' + b"[" * 900 + b"]" * 900 + b"}}"

        assert "too deep" == imagewire.chat.read_failure(body, status=400).message
