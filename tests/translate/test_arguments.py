"""Wrong arguments are the programmer's mistake: each says which one it is."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import pytest

import imagewire
from hub import PNG
from imagewire.model import Image

ASK = {"model": "gemini-nano-banana-2.1", "messages": [{"role": "user", "content": "a fox"}]}
TOLD = b'{"choices": [{"message": {"content": "a"}}]}'
REPLY = imagewire.Reply(TOLD)


def ask(**wrong: Any) -> Any:
    about: dict[str, Any] = {"body": ASK, "source": "chat", "target": "gemini", **wrong}
    return imagewire.translate_request(about.pop("body"), **about)


def tell(**wrong: Any) -> Any:
    about: dict[str, Any] = {"body": TOLD, "source": "chat", "target": "chat", **wrong}
    return imagewire.translate_response(about.pop("body"), **about)


class TestArguments:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("body", None),
            ("body", ["a"]),
            ("model", 5),
            ("options", {}),
            ("catalog", {}),
        ],
    )
    def test_one_of_a_request_is_named(self, name: str, value: Any) -> None:
        with pytest.raises(TypeError, match=f"^{name} must be .*, not {type(value).__name__}$"):
            ask(**{name: value})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("body", None),
            ("status", "200"),
            ("context", {}),
            ("created", "1"),
            ("response_id", 4),
            ("options", {}),
        ],
    )
    def test_one_of_a_reply_is_named(self, name: str, value: Any) -> None:
        with pytest.raises(TypeError, match=f"^{name} must be .*, not {type(value).__name__}$"):
            tell(**{name: value})

    @pytest.mark.parametrize(
        ("name", "value"),
        [("status", "200"), ("context", {}), ("created", "1"), ("response_id", 4)]
        + [("options", {}), ("catalog", {}), ("max_event", "1")],
    )
    def test_one_of_a_stream_is_named(self, name: str, value: Any) -> None:
        with pytest.raises(TypeError, match=f"^{name} must be .*, not {type(value).__name__}$"):
            imagewire.StreamTranslator(**{"source": "chat", "target": "chat", name: value})

    @pytest.mark.parametrize(
        ("replies", "words"),
        [
            (TOLD, "replies must be a sequence of Reply and Failure, not bytes"),
            (5, "replies must be a sequence of Reply and Failure, not int"),
            ([TOLD], "replies[0] must be a Reply or a Failure, not bytes"),
            ([REPLY, imagewire.Reply(TOLD, "200")], "status must be a number, not str"),  # type: ignore[arg-type]
        ],
        ids=["bytes", "number", "bytes-in-a-list", "status"],
    )
    def test_what_is_wrong_of_several_replies_is_named(self, replies: Any, words: str) -> None:
        with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
            imagewire.translate_responses(replies, source="chat", target="chat")

    @pytest.mark.parametrize("context", [{}, None])
    def test_the_context_of_several_replies_is_named(self, context: Any) -> None:
        late = imagewire.MalformedError("late").failure
        with pytest.raises(TypeError, match=r"^context must be a ReplyContext"):
            imagewire.translate_responses(
                [late, REPLY], source="chat", target="chat", context=context
            )

    @pytest.mark.parametrize("name", ["source", "target"])
    @pytest.mark.parametrize("value", [None, 5, {}])
    def test_what_is_no_format_is_named(self, name: str, value: Any) -> None:
        for call in (ask, tell):
            with pytest.raises(TypeError, match="source and target must be a format or its name"):
                call(**{name: value})

    def test_a_mistake_that_is_not_in_the_arguments_stays_what_it_is(self) -> None:
        class Broken:
            NAME, PROMPT, FAMILIES = "broken", "conversation", frozenset[str]()

            def read_request(self) -> None: ...
            def read_response(self) -> None: ...

        for call in (ask, tell):
            with pytest.raises(TypeError, match=r"unexpected keyword|positional argument"):
                call(source=Broken())
        with pytest.raises(TypeError, match=r"unexpected keyword|positional argument"):
            imagewire.translate_responses([REPLY], source=Broken(), target="chat")  # type: ignore[arg-type]

    def test_what_is_no_error_cannot_be_rendered(self) -> None:
        with pytest.raises(TypeError, match="error must be a TranslationError or a Failure"):
            imagewire.render_error("no", target="chat")  # type: ignore[arg-type]

    def test_an_endpoint_is_a_target(self) -> None:
        assert 200 == tell(target=imagewire.Endpoint("chat")).status


class TestMappings:
    @pytest.mark.parametrize(
        ("value", "path"),
        [
            (b"x", "$.extra"),
            ({"a": [1, bytearray(b"x")]}, "$.extra.a[1]"),
            ((memoryview(b"x"),), "$.extra[0]"),
            ([math.nan], "$.extra[0]"),
            ({"b": math.inf}, "$.extra.b"),
            ([{1, 2}], "$.extra[0]"),
            ({"at": dt.date(2026, 1, 2)}, "$.extra.at"),
            ({"a": object()}, "$.extra.a"),
            ([1 + 2j], "$.extra[0]"),
            ([{b"key": 1}], "$.extra[0]"),
            ({"a": {3: 1}}, "$.extra.a"),
        ],
        ids=["bytes", "bytearray", "memoryview", "nan", "inf", "set", "date", "object", "complex"]
        + ["key of bytes", "key of int"],
    )
    def test_what_is_no_json_is_named_by_its_path(self, value: Any, path: str) -> None:
        """An encoder makes base64 of bytes, also where they are a key, and lists of sets."""
        with pytest.raises(imagewire.MalformedError, match="JSON does not have") as caught:
            ask(body={**ASK, "extra": value})

        assert path == caught.value.path

    def test_one_that_holds_itself_is_refused(self) -> None:
        body: dict[str, Any] = {**ASK}
        body["extra"] = [body]

        with pytest.raises(imagewire.MalformedError, match="must be valid JSON"):
            ask(body=body)


class TestPicturesByHand:
    def test_bytes_become_a_picture_and_bytes_again(self) -> None:
        image = Image.from_bytes(b"GIF89a")

        assert ("R0lGODlh", "image/gif", b"GIF89a") == (
            image.data,
            image.media_type,
            image.to_bytes(),
        )

    def test_unknown_bytes_have_no_type(self) -> None:
        assert None is Image.from_bytes(b"fox").media_type

    @pytest.mark.parametrize("data", ["", "!!", "!!!!", "iVBOR", f"data:image/png;base64,{PNG}"])
    def test_what_is_no_base64_is_none(self, data: str) -> None:
        with pytest.raises(ValueError, match="data must be padded base64"):
            Image(data=data)

    def test_letters_of_no_base64_become_no_other_bytes(self) -> None:
        image = Image(data="iVBO-_-_")
        with pytest.raises(ValueError, match="Non-base64"):
            image.to_bytes()

    def test_no_bytes_are_no_picture(self) -> None:
        with pytest.raises(ValueError, match="data must be padded base64"):
            Image.from_bytes(b"")

    def test_a_picture_that_is_elsewhere_has_no_bytes_here(self) -> None:
        with pytest.raises(ValueError, match="elsewhere"):
            Image(url="https://example.com/a.png").to_bytes()
