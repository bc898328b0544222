from __future__ import annotations

from typing import Any

import pytest

import imagewire
from imagewire.codec.document import untyped
from imagewire.codec.limits import MAX_DEPTH, MAX_VALUES, refuse_deep, refuse_many
from imagewire.errors import MalformedError

ASKED = b'{"messages":[{"role":"user","content":"a fox"}]'


def asking(field: bytes) -> bytes:
    return ASKED + b',"x":' + field + b"}"


def answering(field: bytes) -> bytes:
    return b'{"choices":[{"message":{"content":"a fox"}}],"x":' + field + b"}"


def items(item: bytes, count: int) -> bytes:
    return b"[" + b",".join([item] * count) + b"]"


class TestValues:
    @pytest.mark.parametrize(
        ("item", "each"),
        [
            (b"1", 1),
            (b"{}", 1),
            (b"[ ]", 1),
            (b'""', 1),
            (b'"[{,\\",["', 1),
            (b"[1]", 2),
            (b'{"a":"b"}', 2),
            (b'{"a" : [] , "b":null}', 3),
        ],
    )
    def test_a_body_may_have_so_many_and_no_more(self, item: bytes, each: int) -> None:
        count = (MAX_VALUES - 1) // each
        refuse_many(items(item, count))

        with pytest.raises(MalformedError, match="more than 200000 values") as caught:
            refuse_many(items(item, count + 1) + b" " * 2 * MAX_VALUES)

        assert (400, "$") == (caught.value.status, caught.value.path)

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
    def test_in_every_kind_of_body(self, kind: Any) -> None:
        body = kind(asking(items(b"1", MAX_VALUES)))
        for read in (untyped, imagewire.chat.read_request, imagewire.chat.read_model):
            with pytest.raises(MalformedError, match="values"):
                read(body)

    def test_in_a_mapping(self) -> None:
        with pytest.raises(MalformedError, match="values"):
            imagewire.chat.read_request({"messages": [], "x": [1] * MAX_VALUES})

    @pytest.mark.parametrize("rest", [b",", b"}", b"1"])
    def test_what_is_no_json_says_so(self, rest: bytes) -> None:
        with pytest.raises(MalformedError, match="body must be valid JSON"):
            refuse_many(items(b"1", MAX_VALUES) + rest)

    def test_a_prompt_of_commas_is_one_value(self) -> None:
        body = b'{"messages":[{"role":"user","content":"' + b",[{" * MAX_VALUES + b'"}]}'

        assert imagewire.chat.read_request(body).losses == ()

    def test_a_picture_is_one_value_whether_it_was_cut_or_not(self) -> None:
        part = b'{"inlineData":{"mimeType":"image/gif","data":"R0lGODlh' + b"A" * 2_000_000 + b'"}}'
        body = b'{"contents":[{"parts":[' + part + b',{"text":"a"}]}]}'
        request = imagewire.translate_request(
            body, source="gemini", target="gemini", model="gemini-3-pro-image-preview"
        )

        assert len(body) <= len(request.body)

    def test_a_reply_with_more_is_the_upstreams_fault(self) -> None:
        with pytest.raises(MalformedError, match="the upstream's reply") as caught:
            imagewire.chat.read_response(answering(items(b"1", MAX_VALUES)))

        assert 502 == caught.value.status

    def test_an_error_reply_with_more_keeps_its_words(self) -> None:
        body = b'{"error":{"message":"no","x":' + items(b"1", MAX_VALUES) + b"}}"

        assert imagewire.chat.read_failure(body, status=400).message.startswith('{"error"')


class TestDepth:
    @pytest.mark.parametrize("opening", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
    def test_a_value_may_be_so_deep_and_no_deeper(self, opening: tuple[bytes, bytes]) -> None:
        left, right = opening
        refuse_deep(left * MAX_DEPTH + b"1" + right * MAX_DEPTH)

        with pytest.raises(MalformedError, match="JSON"):
            refuse_deep(left * (MAX_DEPTH + 1) + b"1" + right * (MAX_DEPTH + 1))

    def test_what_lies_side_by_side_is_not_deep(self) -> None:
        refuse_deep(items(b"[[]]", MAX_DEPTH))

    def test_brackets_in_texts_are_letters(self) -> None:
        refuse_deep(b'"' + b"[" * 2 * MAX_DEPTH + b'"')

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("depth", [1, 100, 400, MAX_DEPTH - 1, MAX_DEPTH, 900, 5000])
    def test_nothing_but_translation_errors_escapes(self, depth: int, target: str) -> None:
        """At any depth, and with any stack of the caller's."""
        deep = b"[" * depth + b"]" * depth
        bodies = {
            "chat": (asking(deep), answering(deep)),
            "gemini": (
                b'{"contents":[{"parts":[{"text":"a"}],"x":%s}],"tools":%s}' % (deep, deep),
                b'{"candidates":[{"safetyRatings":%s,"content":{"parts":[{"text":"a"}]}}]}' % deep,
            ),
            "images": (
                b'{"prompt":"a","u":%s}' % deep,
                b'{"data":[{"url":"https://a/b","x":%s}]}' % deep,
            ),
        }
        for source, (request, reply) in bodies.items():
            for call in (
                lambda body=request, source=source: imagewire.translate_request(
                    body, source=source, target=target, model="m"
                ),
                lambda body=reply, source=source: imagewire.translate_response(
                    body, source=source, target=target
                ),
            ):
                try:
                    repr(call())
                except imagewire.TranslationError as error:
                    repr(error.failure)
