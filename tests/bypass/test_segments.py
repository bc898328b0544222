"""Segments: what the bypass hands out, its placeholders, and results that it does not trust."""

from __future__ import annotations

import asyncio
import base64
import json
import tracemalloc
from typing import Any

import pytest

import imagewire
from bodies import document
from bypass import (
    OFF,
    SMALL,
    answer,
    base64_of,
    edit,
    form,
    limits,
    payload,
    picture,
    reply,
    url_safe,
    wrapped,
)
from imagewire.bypass import cut as bypass_cut
from imagewire.bypass import spans
from imagewire.placeholder import (
    LENGTH,
    placeholder,
    placeholder_number,
    placeholder_tag,
    real_length,
)
from outcomes import outcome

TARGETS = list(imagewire.FORMATS)
MIB = 2**20


class TestSegments:
    def test_the_picture_is_a_view_of_the_callers_body(self) -> None:
        body = reply(picture(base64_of(MIB)))
        result = answer(body, "chat")

        views = [segment for segment in result.body if isinstance(segment, memoryview)]

        assert [True] == [view.obj is body and len(view) > MIB for view in views]

    def test_segments_make_the_body(self) -> None:
        result = answer(reply(picture(base64_of(MIB)), picture(base64_of(MIB, 1))), "images")

        async def streamed() -> list[Any]:
            return [bytes(segment) async for segment in result.body]

        assert bytes(result.body) == b"".join(result.body) == b"".join(asyncio.run(streamed()))
        assert len(result.body) == len(bytes(result.body))

    @pytest.mark.parametrize("form", [bytearray, memoryview, bytes.decode])
    def test_every_form_of_a_body_is_looked_through(self, form: Any) -> None:
        body = reply(picture(base64_of(MIB)))

        result = answer(form(body), "chat")

        assert 3 == len(list(result.body))
        assert bytes(answer(body, "chat").body) == bytes(result.body)

    @pytest.mark.parametrize("data", [base64_of(MIB), url_safe(base64_of(MIB))], ids=["std", "url"])
    def test_a_view_of_a_part_is_looked_through_where_it_lies(self, data: str) -> None:
        """One row of a table, for example: signed bytes, in the middle of many."""
        body = reply({"text": "x"}, picture(data, thoughtSignature=data))
        whole = b"xx" + body + b'", "'

        result = answer(memoryview(whole).cast("b")[2:-4], "gemini")

        views = [segment for segment in result.body if isinstance(segment, memoryview)]
        assert bytes(answer(body, "gemini").body) == bytes(result.body)
        assert [True] == [view.obj is whole for view in views][:1]

    def test_a_mapping_goes_the_ordinary_way(self) -> None:
        body = reply(picture(base64_of(MIB)))

        assert 1 == len(list(answer(json.loads(body), "chat").body))
        assert bytes(answer(body, "chat").body) == bytes(answer(json.loads(body), "chat").body)

    def test_one_mapping_among_replies_sends_all_of_them_the_ordinary_way(self) -> None:
        body = reply(picture(base64_of(MIB)))
        replies = [imagewire.Reply(body), imagewire.Reply(json.loads(body))]

        result = imagewire.translate_responses(replies, source="gemini", target="images")

        assert 1 == len(list(result.body))
        assert 2 == len(json.loads(bytes(result.body))["data"])

    def test_text_without_utf8_goes_the_ordinary_way(self) -> None:
        body = reply(picture(base64_of(MIB))).decode()

        with pytest.raises(imagewire.MalformedError, match="valid JSON"):
            answer(body + "\ud800", "chat")

    @pytest.mark.parametrize("target", TARGETS)
    def test_memory(self, target: str) -> None:
        """A tenth of the body for segments; the output, and a tenth, for bytes."""
        body = reply(picture(base64_of(9 * MIB)))
        answer(body, target)
        tracemalloc.start()

        result = answer(body, target)
        segments = tracemalloc.get_traced_memory()[1]
        output = bytes(result.body)
        joined = tracemalloc.get_traced_memory()[1]

        tracemalloc.stop()
        assert segments < len(body) / 10
        assert joined < 1.1 * len(output)

    def test_a_url_safe_picture_is_normalised_in_blocks(self) -> None:
        text = base64_of(2 * MIB)
        body = reply(picture(url_safe(text)))

        result = answer(body, "images")

        assert text == document(result)["data"][0]["b64_json"]
        assert len(list(result.body)) > 4

    @pytest.mark.parametrize("width", [60, 64, 76, 255])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_a_wrapped_picture_is_unwrapped_around_the_codec(self, width: int, end: str) -> None:
        text = base64_of(MIB)
        part = picture(wrapped(text, width, end), thoughtSignature=wrapped(text, width, end))

        result = answer(reply(part), "gemini")

        written = document(result)["candidates"][0]["content"]["parts"][0]
        assert text == written["inlineData"]["data"]
        assert part["thoughtSignature"] == written["thoughtSignature"]
        views = [segment for segment in result.body if isinstance(segment, memoryview)]
        assert [True, True] == [len(view) > MIB for view in views]

    @pytest.mark.parametrize("size", [MIB - 1, MIB + 1])
    def test_an_unpadded_picture_is_a_view_too(self, size: int) -> None:
        text = base64_of(size)
        body = reply(picture(text.rstrip("=")))

        result = answer(body, "images")

        assert text == document(result)["data"][0]["b64_json"]
        assert [body] == [seg.obj for seg in result.body if isinstance(seg, memoryview)]

    def test_all_of_many_pictures_are_found_wherever_they_start(self) -> None:
        """Behind a picture, one that is smaller than the grid is found too."""
        texts = [base64_of(size, seed) for seed, size in enumerate([40_000, 14_000, 25_000] * 3)]
        body = reply(*map(picture, texts))

        result = answer(body, "images")

        assert texts == [datum["b64_json"] for datum in document(result)["data"]]
        assert 9 == sum(isinstance(segment, memoryview) for segment in result.body)

    def test_a_form_is_encoded_once(self) -> None:
        raw = payload(MIB)
        result = edit(form(("prompt", b"x"), ("image", raw)), "gemini")

        assert 3 == len(list(result.body))
        assert base64.b64encode(raw).decode() in bytes(result.body).decode()

    def test_a_large_body_without_pictures_has_nothing_to_cut(self) -> None:
        body = reply({"text": 'prose and "quotes" ' * 9000})

        assert 1 == len(list(answer(body, "chat").body))


class TestPlaceholders:
    def test_a_placeholder_is_base64_of_whole_groups(self) -> None:
        text = placeholder(placeholder_tag("f" * 32), 7, 12345)

        assert LENGTH == len(text)
        assert text == base64.b64encode(base64.b64decode(text, validate=True)).decode()

    @pytest.mark.parametrize(("safe", "flag"), [(False, "++"), (True, "--")])
    def test_it_tells_its_number_and_its_alphabet(self, *, safe: bool, flag: str) -> None:
        text = placeholder(placeholder_tag("f" * 32), 7, 12345, url_safe=safe)

        assert (7, flag) == (placeholder_number(text), text[:2])

    @pytest.mark.parametrize(
        "text", ["", "AAAA", "++ImageWire" + "0" * 48, "+-ImageWire" + "0" * 49]
    )
    def test_other_texts_are_none(self, text: str) -> None:
        assert None is placeholder_number(text)

    def test_a_payload_tells_the_length_it_had(self) -> None:
        text = placeholder(placeholder_tag("f" * 32), 7, 12345)

        assert 12345 == real_length("A" * 64 + text + "A" * 64)
        assert 188 == real_length("A" * 188)
        assert 187 == real_length("A" * 63 + text + "A" * 64)


class TestUnverified:
    """Where a placeholder is not where it belongs, the whole body is translated."""

    @pytest.mark.parametrize(
        "text",
        [
            "{0}",  # the number of no span
            "x{1}",  # the tag alone
            "{2}",  # folded case
        ],
    )
    def test_what_is_no_whole_placeholder(self, text: str) -> None:
        cut = bypass_cut.cut_of(reply(picture(base64_of(MIB))), "")
        assert cut is not None
        tag = cut._tag
        said = text.format(placeholder(tag, 99, 5), tag, placeholder(tag, 0, 5).upper())
        made = answer(reply({"text": said}), "chat", created=1, response_id="x")

        with pytest.raises(spans.UnverifiedError):
            cut.restored(made)

    def test_a_form_with_the_number_of_no_span(self) -> None:
        body = form(("model", b"m"), ("prompt", b"x"), ("image", payload(MIB)))
        cut = bypass_cut.cut_of(body, "multipart/form-data; boundary=xyz")
        assert cut is not None
        raw = base64.b64decode(placeholder(cut._tag, 99, 5))
        made = edit(form(("model", b"m"), ("prompt", b"x"), ("image", payload(48) + raw)), "images")

        with pytest.raises(spans.UnverifiedError):
            cut.restored(made)

    def test_limits_are_restored(self) -> None:
        """The tests' own switch."""
        with limits(**SMALL), limits(**OFF):
            assert OFF["LARGE"] == bypass_cut.LARGE

        assert 48 * 1024 == bypass_cut.LARGE
        assert isinstance(outcome(lambda: answer(b"", "chat")), imagewire.MalformedError)
