"""Hostile bodies: deep, huge, cut short, escaped, doubled.

Each gives a value, or an error with a path. How long that takes is what ``benchmarks/`` tells.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from itertools import product
from typing import Any

import msgspec
import pytest

import hub
import imagewire
from bodies import contents, document
from cases import CASES, Case
from fuzz_inputs import content_type
from imagewire.codec.limits import MAX_ITEMS

VERBS = list(product(imagewire.FORMATS, ("read_request", "read_response", "read_failure")))
EACH = pytest.mark.parametrize(("name", "verb"), VERBS, ids=[f"{a}-{b}" for a, b in VERBS])

DEEP = 100_000


def read(name: str, verb: str, body: Any) -> Any:
    """What a reader makes of a body: a value, or the error that it raised."""
    reader = imagewire.FORMATS[name]
    try:
        if verb == "read_failure":
            return reader.read_failure(body, status=400)
        if verb == "read_request":
            return reader.read_request(body, content_type=content_type(b""))
        return reader.read_response(body)
    except imagewire.TranslationError as error:
        return error


def chat(content: bytes) -> bytes:
    return b'{"model":"m","messages":[{"role":"user","content":"' + content + b'"}]}'


def gemini(text: bytes) -> bytes:
    return b'{"contents":[{"parts":[{"text":"' + text + b'"}]}]}'


NESTED = {
    "lists": b"[" * DEEP,
    "objects": b'{"a":' * DEEP,
    "closed lists": b"[" * DEEP + b"]" * DEEP,
    "closed objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "messages": b'{"messages":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "contents": b'{"contents":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "data": b'{"data":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "an unknown field": b'{"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
}


class TestNesting:
    @EACH
    @pytest.mark.parametrize("body", NESTED.values(), ids=NESTED)
    def test_a_hundred_thousand_levels_are_an_error(
        self, name: str, verb: str, body: bytes
    ) -> None:
        """A failure is read from any bytes; everything else refuses them."""
        found = read(name, verb, body)

        expected = imagewire.Failure if verb == "read_failure" else imagewire.MalformedError
        assert isinstance(found, expected)

    @pytest.mark.parametrize("key", ["contents", "unknown"])
    def test_a_mapping_that_deep_is_an_error_too(self, key: str) -> None:
        deep: list[Any] = []
        for _ in range(DEEP):
            deep = [deep]

        with pytest.raises(imagewire.MalformedError):
            imagewire.gemini.read_request({key: deep})

        assert imagewire.gemini.read_failure({"error": {"details": deep}}, status=400)

    def test_an_error_nested_in_its_own_message_is_unwrapped_three_times_at_most(self) -> None:
        """And not once for every level somebody made."""
        message = "inner"
        for _ in range(8):
            message = json.dumps({"error": {"message": message}})

        failure = imagewire.chat.read_failure(message, status=400)

        assert failure.message.startswith('{"error"')


NUMBERS = {
    "a float beyond the range": (b"1e400", "Number out of range"),
    "an integer of 5000 digits": (b"9" * 5000, "out of range"),
    "NaN": (b"NaN", "body must be valid JSON"),
    "Infinity": (b"-Infinity", "body must be valid JSON"),
    "a leading zero": (b"01", "body must be valid JSON"),
    "a hexadecimal": (b"0x10", "body must be valid JSON"),
}


class TestNumbers:
    @pytest.mark.parametrize(("number", "words"), NUMBERS.values(), ids=NUMBERS)
    @pytest.mark.parametrize("field", [b"temperature", b"seed", b"topK", b"unknownField"])
    def test_what_no_machine_holds_is_an_error(
        self, field: bytes, number: bytes, words: str
    ) -> None:
        body = b'{"contents":[],"generationConfig":{"' + field + b'":' + number + b"}}"

        with pytest.raises(imagewire.MalformedError, match=words):
            imagewire.gemini.read_request(body)

    @pytest.mark.parametrize("text", ["NaN", "nan", " Infinity", "-inf", "1e999"])
    def test_a_number_as_text_has_to_be_finite_too(self, text: str) -> None:
        body = {"contents": [], "generationConfig": {"temperature": text}}

        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.gemini.read_request(body)

        assert "$.generationConfig.temperature" == caught.value.path

    @pytest.mark.parametrize("digits", [30, 400])
    def test_a_huge_integer_stays_what_it_is(self, digits: int) -> None:
        """Known or unknown, it is written back digit by digit, and it can be stored."""
        number = int("9" * digits)
        config = {"topK": number, "unknownField": number}
        body = contents({"text": "x"}) | {"generationConfig": config}

        request = imagewire.gemini.read_request(body, model="m").value
        stored = msgspec.json.decode(msgspec.json.encode(request), type=type(request))
        written = imagewire.gemini.write_request(stored).value

        assert request == stored
        assert number == document(written)["generationConfig"]["topK"]
        assert number == document(written)["generationConfig"]["unknownField"]


class TestText:
    @pytest.mark.parametrize("text", [b"\\ud800", b"\\udc00", b"\\ud800x", b"\\ud83e\\ud83e"])
    def test_a_lone_surrogate_in_a_body_is_no_json(self, text: bytes) -> None:
        """It has no UTF-8, so nobody could write it."""
        for body in (chat(text), chat(b"x").replace(b"model", text)):
            with pytest.raises(imagewire.MalformedError, match="valid JSON"):
                imagewire.chat.read_request(body)

    @pytest.mark.parametrize("body", [b"\xff", b'{"a":"\xed\xa0\x80"}', b'{"a":"\xc0\xaf"}'])
    @EACH
    def test_bytes_that_are_no_utf8_are_no_json(self, name: str, verb: str, body: bytes) -> None:
        """Of an upstream's error they are at worst no words."""
        found = read(name, verb, body)

        expected = imagewire.Failure if verb == "read_failure" else imagewire.MalformedError
        assert isinstance(found, expected)

    def test_a_lone_surrogate_in_a_mapping_is_an_error(self) -> None:
        with pytest.raises(imagewire.MalformedError, match="mapping"):
            imagewire.chat.read_request({"messages": [{"role": "user", "content": "\ud800"}]})

    def test_a_lone_surrogate_in_text_is_an_error(self) -> None:
        body = '{"messages": [{"role": "user", "content": "\ud800"}]}'

        with pytest.raises(imagewire.MalformedError, match="valid JSON"):
            imagewire.chat.read_request(body)

    def test_a_surrogate_pair_is_a_letter(self) -> None:
        request = imagewire.chat.read_request(chat(b"\\ud83e\\udd8a")).value

        assert "\U0001f98a" == request.turns[0].parts[0].text

    def test_a_nul_in_a_prompt_is_kept(self) -> None:
        written = imagewire.translate_request(
            chat(b"a\\u0000b"), source="chat", target="gemini", model="gemini-2.5-flash-image"
        )

        assert "a\0b" == document(written)["contents"][0]["parts"][0]["text"]


class TestDuplicateKeys:
    @pytest.mark.parametrize("end", [b"}", b',"unknown":1}'], ids=["typed", "walked"])
    def test_the_last_of_equal_keys_counts(self, end: bytes) -> None:
        """As every JSON parser does it, on both roads (RFC 8259, section 4)."""
        body = b'{"n":1,"messages":[{"role":"user","content":"x"}],"n":2' + end

        assert 2 == imagewire.chat.read_request(body).value.count

    def test_the_last_of_equal_unknown_keys_counts(self) -> None:
        body = gemini(b"x")[:-1] + b',"unknown":1,"unknown":2}'

        written = imagewire.gemini.write_request(
            imagewire.gemini.read_request(body, model="m").value
        ).value

        assert 2 == document(written)["unknown"]

    def test_equal_keys_in_two_spellings_are_an_error(self) -> None:
        """Protobuf refuses them, and nobody knows which one was meant."""
        body = b'{"contents":[],"cachedContent":"a","cached_content":"b"}'

        with pytest.raises(imagewire.MalformedError, match="two spellings"):
            imagewire.gemini.read_request(body)


class TestTruncation:
    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_a_body_cut_anywhere_is_an_error(self, case: Case) -> None:
        """At every byte: no beginning of a body passes for the whole."""
        reader = imagewire.FORMATS[case.format]
        body = case.body.rstrip()
        if case.kind == "failure":
            for end in range(len(body)):
                assert reader.read_failure(body[:end], status=case.status).status == case.status
            return
        verb: Callable[..., Any] = getattr(reader, f"read_{case.kind}")
        about = {"content_type": case.content_type} if case.kind == "request" else {}
        refused = 0
        last = len(body) - 2 if case.file.endswith(".http") else len(body)  # a form's last newline
        for end in range(last):
            try:
                verb(body[:end], **about)
            except imagewire.MalformedError:
                refused += 1

        assert last == refused


MIB = 2**20
BULKS = {
    "quotes": b'\\"',
    "backslashes": b"\\\\",
    "controls": b"\\u0000",
    "markdown": b"![a](",
    "closings": b"](",
    "base64": b"AAAA",
}


class TestSize:
    @pytest.mark.parametrize("unit", BULKS.values(), ids=BULKS)
    def test_a_megabyte_of_one_thing_is_a_prompt(self, unit: bytes) -> None:
        text = unit * (MIB // len(unit))
        options = imagewire.Options(read_markdown=True)

        read = imagewire.chat.read_request(chat(text), options=options).value

        assert (json.loads(b'"' + text + b'"'),) == tuple(p.text for p in read.turns[0].parts)

    def test_more_pictures_in_a_text_than_any_model_makes_are_refused(self) -> None:
        text = b"![](https://a.b)" * (MAX_ITEMS + 1)

        with pytest.raises(imagewire.MalformedError, match="more than 10000 pictures") as caught:
            imagewire.chat.read_request(chat(text), options=imagewire.Options(read_markdown=True))

        assert "$.messages[0].content" == caught.value.path

    @pytest.mark.parametrize("key", ["image", "images", "image[]"])
    def test_more_pictures_of_an_edit_than_any_model_takes_are_refused(self, key: str) -> None:
        """Each is 15 letters of JSON, and would be a file of a form with 200 around it."""
        body = {"model": "gpt-image-2", "prompt": "a", key: ["R0lGODlhLi4u"] * (MAX_ITEMS + 1)}

        with pytest.raises(imagewire.MalformedError, match="more than 10000 pictures") as caught:
            imagewire.images.read_request(json.dumps(body).encode())

        assert f"[{MAX_ITEMS}]" == caught.value.path[-7:]

    @pytest.mark.parametrize("unit", [b'"', b"\\", b"{", b"\xff", b"--x\r\n"], ids=repr)
    @EACH
    def test_a_megabyte_of_nonsense_is_an_error(self, name: str, verb: str, unit: bytes) -> None:
        found = read(name, verb, unit * MIB)

        if verb == "read_failure":
            assert len(found.message) <= 4096
        elif verb == "read_response":
            assert "the upstream's reply is not valid JSON" == found.message
        else:
            assert "body must be valid JSON" == found.message

    @pytest.mark.parametrize("unit", [b'\\"', b"\\\\", b"AAAA"], ids=["quotes", "backslashes", "A"])
    @pytest.mark.parametrize("face", ["chat", "gemini"])
    def test_memory_is_a_small_multiple_of_the_body(self, face: str, unit: bytes) -> None:
        """Of 64 MiB: the text decoded, the text written, and little else."""
        body = {"chat": chat, "gemini": gemini}[face](unit * (64 * MIB // len(unit)))
        tracemalloc.start()

        result = imagewire.translate_request(
            body, source=face, target="gemini", model="gemini-2.5-flash-image"
        )

        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * len(body)
        assert len(result.body) > 64 * MIB


class TestForms:
    def test_a_form_with_too_long_a_name_is_never_written(self) -> None:
        """python-multipart takes 4224 bytes of headers for one part."""
        body = {"model": "m", "prompt": "x", "image": hub.PNG, "n" * 5000: 1}

        with pytest.raises(imagewire.InexpressibleError, match="too long for a form"):
            imagewire.translate_request(body, source="images", target="images")


class TestFoundByFuzzing:
    def test_a_file_uri_without_a_scheme_is_no_image(self) -> None:
        """No format could show it as a URL; Gemini gets it back as it was."""
        part = {"fileData": {"mimeType": "image/webp", "fileUri": "0x0"}}
        body = {"candidates": [{"content": {"role": "model", "parts": [{"text": "x"}, part]}}]}

        back = imagewire.translate_response(body, source="gemini", target="gemini")
        result = imagewire.translate_response(body, source="gemini", target="chat", created=1)

        assert part == document(back)["candidates"][0]["content"]["parts"][1]
        assert "x" == document(result)["choices"][0]["message"]["content"]
        assert "$.candidates[0].content.parts[1]" == result.losses[-1].path

    def test_a_text_that_says_it_is_no_number_is_a_text(self) -> None:
        """An id may be a number, but need not be one."""
        body = {"id": "NaN", "choices": [{"message": {"content": "x"}}], "unknown": 1}

        assert "NaN" == imagewire.chat.read_response(body).value.id

    def test_a_list_of_objects_goes_through_a_form_and_back(self) -> None:
        """One field of each object after the other, which is no field given twice."""
        body = {"model": "m", "prompt": "x", "image": hub.PNG, "tags": [{"a": "1"}, {"a": "2"}]}

        first = imagewire.translate_request(body, source="images", target="images")
        again = imagewire.translate_request(
            bytes(first.body),
            source="images",
            target="images",
            content_type=first.headers["content-type"],
        )

        assert 2 == bytes(first.body).count(b'name="tags[][a]"')
        assert bytes(first.body) == bytes(again.body)

    def test_a_detail_with_an_object_for_its_type_is_kept(self) -> None:
        """It cannot be hashed, and a set of types wanted to."""
        body: dict[str, Any] = {
            "error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}
        }
        body["error"]["details"] = [{"@type": {"a": 1}}]

        failure = imagewire.gemini.read_failure(body, status=400)

        assert [{"@type": {"a": 1}}] == document(imagewire.gemini.write_failure(failure))["error"][
            "details"
        ]

    def test_a_key_that_only_cleaning_makes_an_error_is_none(self) -> None:
        """Parsed JSON and its bytes say the same."""
        body = {"e\0rror": {"code": None, "message": "The server had an error.", "param": "x"}}

        parsed = imagewire.chat.read_failure(body, status=500)

        assert parsed == imagewire.chat.read_failure(json.dumps(body), status=500)
        assert parsed.message.startswith('{"e')
