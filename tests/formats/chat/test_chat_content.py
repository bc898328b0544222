"""What stands in a chat message, read into the hub and written back."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

import imagewire
from cases import case
from chat_bodies import (
    CALLS,
    SIGNED_PICTURE,
    URI,
    USER,
    Json,
    assistant,
    google,
    image,
    read_message,
    request_of,
    said,
    text,
    user,
)
from hub import AUDIO, GIF, GIF_URI, HELLO, MODEL, PICTURE, PNG, SIGNATURE
from imagewire.errors import MalformedError
from imagewire.loss import METADATA, LossKind
from imagewire.model import Extra, Foreign, Image, ImageRequest, Part, Turn

OCTETS = "application/octet-stream"
REMOTE = "https://example.com/fox.png"

GIF_PICTURE = Part(image=Image(data=GIF, media_type="image/gif"))
CAPTION = Part(text="Here it is.")
LINK = Part(image=Image(url=REMOTE))

MARKDOWN = imagewire.Options(read_markdown=True)


def foreign(value: Json, kind: str | None = None) -> Part:
    return Part(foreign=Foreign(format="chat", kind=kind or value["type"], value=value))


def asked(*parts: Part) -> Turn:
    return Turn(role="user", parts=parts)


def write(turn: Turn, options: imagewire.Options = imagewire.Options()) -> Json:
    """The message of a turn; an assistant's stands before a prompt."""
    turns = (turn,) if turn.role == "user" else (turn, asked(HELLO))
    wire = imagewire.chat.write_request(ImageRequest(model=MODEL, turns=turns), options=options)
    assert () == wire.losses
    message: Json = json.loads(bytes(wire.value.body))["messages"][0]
    return message


FILE = {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjc="}}
NAMED_FILE = {"type": "file", "file": {"file_id": "file-1", "filename": "a.pdf", "pages": 3}}
REFUSAL = {"type": "refusal", "refusal": "I will not."}
VIDEO = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}

#: One message, one turn: each is read into the other and written back.
TWINS = [
    case("a-string", {"role": "user", "content": "a fox"}, asked(HELLO)),
    case("an-image", user(image()), asked(PICTURE)),
    case(
        "an-image-between-texts",
        user(text("a fox"), image(), text("Here it is.")),
        asked(HELLO, PICTURE, CAPTION),
    ),
    case("two-images", user(image(), image(GIF_URI)), asked(PICTURE, GIF_PICTURE)),
    case("a-remote-image", user(image(REMOTE), text("a fox")), asked(LINK, HELLO)),
    case(
        "an-image-with-detail",
        user({"type": "image_url", "image_url": {"url": URI, "detail": "high"}}),
        asked(Part(image=Image(data=PNG, media_type="image/png", detail="high"))),
    ),
    case("two-texts", user(text("a"), text("b")), asked(Part(text="a"), Part(text="b"))),
    case(
        "a-signed-image",
        assistant(image(**google(thought_signature=SIGNATURE))),
        said(SIGNED_PICTURE),
    ),
    case(
        "a-signed-text",
        assistant(text("a fox", **google(thought_signature=SIGNATURE))),
        said(structs.replace(HELLO, signature=SIGNATURE)),
    ),
    case(
        "a-draft",
        assistant(image(**google(thought=True))),
        said(structs.replace(PICTURE, thought=True)),
    ),
    case("audio", user(AUDIO, text("a fox")), asked(foreign(AUDIO), HELLO)),
    case("a-file-of-no-image", user(FILE, text("a fox")), asked(foreign(FILE), HELLO)),
    case("file-id", user(NAMED_FILE, text("a fox")), asked(foreign(NAMED_FILE), HELLO)),
    case("an-unknown-part", user(VIDEO, text("a fox")), asked(foreign(VIDEO), HELLO)),
    case("a-refusal", assistant(REFUSAL), said(foreign(REFUSAL))),
    case(
        "tool-calls",
        {"role": "assistant", "content": None, "tool_calls": CALLS},
        said(foreign({"tool_calls": CALLS}, "tool_calls")),
    ),
    case(
        "a-function-call",
        {"role": "assistant", "content": None, "function_call": CALLS[0]["function"]},
        said(foreign({"function_call": CALLS[0]["function"]}, "function_call")),
    ),
    case(
        "text-and-tool-calls",
        assistant(text("a fox"), tool_calls=CALLS),
        said(HELLO, foreign({"tool_calls": CALLS}, "tool_calls")),
    ),
    case(
        "a-tools-result",
        {"role": "tool", "content": "42", "tool_call_id": "c1"},
        said(foreign({"role": "tool", "content": "42", "tool_call_id": "c1"}, "message")),
    ),
    case(
        "a-functions-result",
        {"role": "function", "content": "42", "name": "f"},
        said(foreign({"role": "function", "content": "42", "name": "f"}, "message")),
    ),
    case(
        "a-text-with-an-unknown-field",
        user(text("a fox", cache_control={"type": "ephemeral"})),
        asked(
            structs.replace(
                HELLO,
                extras=(
                    Extra(format="chat", path=("cache_control",), value={"type": "ephemeral"}),
                ),
            )
        ),
    ),
]


class TestMessages:
    @pytest.mark.parametrize(("message", "turn"), TWINS)
    def test_a_message_is_read_as_a_turn(self, message: Json, turn: Turn) -> None:
        assert (turn, ()) == read_message(message)

    @pytest.mark.parametrize(("message", "turn"), TWINS)
    def test_a_turn_is_written_as_that_message(self, message: Json, turn: Turn) -> None:
        assert message == write(turn)

    @pytest.mark.parametrize(
        ("message", "turn"),
        [
            case("input", user({"type": "input_text", "text": "a fox"}), asked(HELLO)),
            case("output", user({"type": "output_text", "text": "a fox"}), asked(HELLO)),
            case("text-without-type", user({"text": "a fox"}), asked(HELLO)),
            case("type-of-null", user({"type": None, "text": "a fox"}), asked(HELLO)),
            case("text-of-null", user({"type": "text", "text": None}), asked()),
            case("image-of-a-text", user(image(type="text")), asked(PICTURE)),
            case("one-object-as-images", {"role": "user", "images": image()}, asked(PICTURE)),
            case("a-list-as-image", {"role": "user", "image": [{"data": PNG}]}, asked(PICTURE)),
            case("empty-text", user(text("")), asked()),
            case("empty-string", {"role": "user", "content": ""}, asked()),
            case("null", {"role": "user", "content": None}, asked()),
            case("no-content", {"role": "user"}, asked()),
            case("no-parts", user(), asked()),
            case("bare-url", user({"type": "image_url", "image_url": URI}), asked(PICTURE)),
            case(
                "input-image",
                user({"type": "input_image", "image_url": URI, "detail": "auto"}),
                asked(PICTURE),
            ),
            case(
                "input-image-with-detail",
                user({"type": "input_image", "image_url": URI, "detail": "low"}),
                asked(Part(image=Image(data=PNG, media_type="image/png", detail="low"))),
            ),
            case(
                "file-with-an-image",
                user({"type": "file", "file": {"file_data": URI, "filename": "a.png"}}),
                asked(PICTURE),
            ),
            case(
                "file-of-undeclared-bytes",
                user({"type": "file", "file": {"file_data": f"data:{OCTETS};base64,{PNG}"}}),
                asked(PICTURE),
            ),
            case("file-bare", user({"type": "file", "file": {"file_data": PNG}}), asked(PICTURE)),
            case("bare-base64", user(image(PNG)), asked(PICTURE)),
            case("capitals", user(image(f"DATA:IMAGE/PNG;charset=x;BASE64,{PNG}")), asked(PICTURE)),
            case("no-media-type", user(image(f"data:;base64,{PNG}")), asked(PICTURE)),
            case(
                "url-safe-unpadded",
                user(image(f"data:image/png;base64,{PNG.replace('/', '_').rstrip('=')}")),
                asked(PICTURE),
            ),
            case(
                "images",
                {"role": "assistant", "content": "a fox", "images": [image(index=0)]},
                said(HELLO, PICTURE),
            ),
            case(
                "images-as-strings",
                {"role": "assistant", "content": None, "images": [URI, GIF_URI]},
                said(PICTURE, GIF_PICTURE),
            ),
            case(
                "images-with-url",
                {"role": "assistant", "images": [{"url": URI}, {"url": REMOTE}]},
                said(PICTURE, LINK),
            ),
            case(
                "empty-lists",
                {"role": "assistant", "content": "a fox", "images": [], "tool_calls": []},
                said(HELLO),
            ),
            case(
                "singular-image-with-url",
                {"role": "assistant", "content": "a fox", "image": {"url": URI}},
                said(HELLO, PICTURE),
            ),
            case(
                "singular-image-part",
                {"role": "assistant", "content": None, "image": image()},
                said(PICTURE),
            ),
            case(
                "singular-image-string",
                {"role": "assistant", "content": None, "image": URI},
                said(PICTURE),
            ),
            case(
                "reasoning",
                {"role": "assistant", "content": "a fox", "reasoning": "Let me think."},
                said(Part(text="Let me think.", thought=True), HELLO),
            ),
        ],
    )
    def test_every_other_spelling_is_understood(self, message: Json, turn: Turn) -> None:
        assert (turn, ()) == read_message(message)

    @pytest.mark.parametrize(
        ("message", "path"),
        [
            case("part", user(text("", cache_control={"type": "x"})), "content[0].cache_control"),
            case(
                "system",
                {"role": "system", "content": "", "cache_control": {"type": "x"}},
                "cache_control",
            ),
        ],
    )
    def test_what_is_empty_but_for_an_unknown_field_is_reported(
        self, message: Json, path: str
    ) -> None:
        """It is not kept, and so the field is lost: not in silence, unless it says nothing."""
        outcome = imagewire.chat.read_request(request_of({**message, "note": None}, USER))

        assert [(METADATA, f"$.messages[0].{path}")] == [
            (loss.level, loss.path) for loss in outcome.losses
        ]

    def test_bytes_win_over_a_wrong_declaration(self) -> None:
        turn, losses = read_message(user(image(f"data:image/jpeg;base64,{PNG}")))

        assert asked(PICTURE) == turn
        assert [(LossKind.CORRECTED, "$.messages[0].content[0].image_url.url")] == [
            (loss.kind, loss.path) for loss in losses
        ]

    @pytest.mark.parametrize(
        ("message", "path"),
        [
            case("text-and-image", user(image(text="x")), "content[0]"),
            case("no-type", user({"x": 1}), "content[0].type"),
            case("no-image_url", user({"type": "image_url"}), "content[0].image_url"),
            case("no-input", user({"type": "input_image"}), "content[0].image_url"),
            case(
                "no-url", user({"type": "image_url", "image_url": {}}), "content[0].image_url.url"
            ),
            case("base64", user(image("data:image/png;base64,%%%")), "content[0].image_url.url"),
            case("empty", user(image("data:image/png,")), "content[0].image_url.url"),
            case("no-reference", user(image("fox.png")), "content[0].image_url.url"),
            case(
                "no-reference-in-a-string",
                user({"type": "input_image", "image_url": "fox.png"}),
                "content[0].image_url",
            ),
            case(
                "file-of-bad-base64",
                user({"type": "file", "file": {"file_data": "data:image/png;base64,!"}}),
                "content[0].file.file_data",
            ),
            case("string-among-parts", user("a fox"), "content[0]"),
            case("content-an-object", {"role": "user", "content": {"a": 1}}, "content"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_path(self, message: Json, path: str) -> None:
        with pytest.raises(MalformedError) as caught:
            read_message(message)

        assert (f"$.messages[0].{path}", 400) == (caught.value.path, caught.value.status)

    def test_a_data_uri_of_no_image_is_a_foreign_part(self) -> None:
        part = image("data:text/plain;base64,aGk=")

        assert (asked(foreign(part)), ()) == read_message(user(part))


class TestMarkdown:
    @pytest.mark.parametrize(
        ("content", "parts"),
        [
            case("an-image", f"![image]({URI})", (PICTURE,)),
            case("no-alt-text", f"![]({URI})", (PICTURE,)),
            case("parameters", f"![a](data:image/png;x=y;BASE64,{PNG})", (PICTURE,)),
            case("no-padding", f"![a]({URI.rstrip('=')})", (PICTURE,)),
            case("remote", f"![a]({REMOTE})", (LINK,)),
            case(
                "text-around",
                f"a fox\n\n![image]({URI})\n\nHere it is.",
                (HELLO, PICTURE, CAPTION),
            ),
            case("two-images", f"![1]({URI})\n\n![2]({GIF_URI})", (PICTURE, GIF_PICTURE)),
            case("close", f"![1]({URI})a fox![2]({GIF_URI})", (PICTURE, HELLO, GIF_PICTURE)),
            case("invalid-base64", "![a](data:image/png;base64,%)", None),
            case("no-comma", "![a](data:image/png;base64)", None),
            case("no-image", "![a](data:text/plain;base64,aGk=)", None),
            case("relative", "![a](fox.png)", None),
            case("a-link", f"[a]({URI})", None),
            case("unclosed", f"![a]({URI}", None),
            case("no-markdown", "just a fox", None),
            case(
                "bad-ones-stay-text",
                f"see [it](x) ![a](bad) then\n\n![b]({URI})",
                (Part(text="see [it](x) ![a](bad) then"), PICTURE),
            ),
        ],
    )
    def test_images_are_read_and_the_rest_stays_text(
        self, content: str, parts: tuple[Part, ...] | None
    ) -> None:
        """Markdown images only with ``read_markdown``; what is no valid image stays text."""
        parts = (Part(text=content),) if parts is None else parts

        assert (asked(*parts), ()) == read_message({"role": "user", "content": content}, MARKDOWN)

    def test_what_stays_text_is_not_corrected(self) -> None:
        content = f"![a](data:image/jpeg;base64,{PNG}%)"

        assert (asked(Part(text=content)), ()) == read_message(
            {"role": "user", "content": content}, MARKDOWN
        )

    def test_without_the_option_markdown_is_text(self) -> None:
        content = f"![image]({URI})"

        assert (asked(Part(text=content)), ()) == read_message({"role": "user", "content": content})
