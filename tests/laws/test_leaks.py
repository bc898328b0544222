"""The law of silence: no key and no payload in anything that we say, wherever a body holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import structs

import imagewire
from bodies import chat, document, picture
from canaries import CANARIES, KEYS, NAME, PICTURE, error_body, planted, positions, said_by, said_of
from cases import CASES, UPSTREAM_MODELS, Case, options_for
from commands import run
from hub import MODEL
from imagewire.formats.images.form import read_form, write_form
from imagewire.model import (
    Extra,
    Failure,
    FailureKind,
    Foreign,
    Image,
    ImageRequest,
    Part,
    ReplyContext,
    Turn,
)

Path = tuple[str | int, ...]

ALL = imagewire.Options(
    history="all", keep_drafts=True, read_markdown=True, images_text="revised_prompt", vertex=True
)
KEY = CANARIES["key"]


def places() -> Iterator[Any]:
    """Each case with its places, of the same place in several cases the first."""
    seen: set[object] = set()
    for case in CASES:
        if case.file.endswith(".http"):
            continue
        fresh = []
        for path in positions(msgspec.json.decode(case.body)):
            like = (case.kind, case.format, *("*" if isinstance(s, int) else s for s in path))
            if like not in seen:
                seen.add(like)
                fresh.append(path)
        if fresh:
            yield pytest.param(case, fresh, id=str(case))


def heard(
    case: Case, target: str, model: str | None, body: Any, options: imagewire.Options = ALL
) -> Iterator[str]:
    """Everything that is said of a body on its way to a target."""
    source = imagewire.FORMATS[case.format]
    try:
        if case.kind == "request":
            read = source.read_request(body, content_type=case.content_type, options=options)
            yield repr(read)
            yield from said_of(
                imagewire.translate_request(
                    body,
                    source=case.source,
                    target=target,
                    model=model,
                    content_type=case.content_type,
                    options=options,
                )
            )
            return
        if case.kind == "response":
            yield repr(source.read_response(body, options=options))
        else:
            yield repr(source.read_failure(body, status=case.status))
        reply = imagewire.translate_response(
            body, source=case.format, target=target, status=case.status, options=options
        )
        yield from said_of(reply)
        if CANARIES["prompt"][:40].encode() not in body:  # an upstream's words pass
            yield from error_body(reply)
    except imagewire.TranslationError as caught:
        yield from said_by(caught)


class TestTranslation:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize(("case", "paths"), list(places()))
    def test_nothing_said_of_a_body_betrays_what_it_holds(
        self, case: Case, paths: list[Path], target: str
    ) -> None:
        """Whatever text or key of an object it is."""
        tree = msgspec.json.decode(case.body)
        model = case.upstream_model(target) if case.kind == "request" else None
        leaks = [
            (path, name, text)
            for path in paths
            for name, canary in CANARIES.items()
            for changed in planted(tree, path, canary)
            for text in heard(case, target, model, msgspec.json.encode(changed))
            if NAME in text
        ]

        assert [] == leaks

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("field", ["name", "data", "filename", "content_type"])
    def test_nothing_said_of_a_form_betrays_what_it_holds(self, field: str, target: str) -> None:
        """Whatever field of whatever part it is."""
        (case,) = (case for case in CASES if case.file.endswith(".http"))
        parts = read_form(case.body, case.content_type)
        boundary = case.content_type.partition("boundary=")[2]
        leaks = []
        for index, part in enumerate(parts):
            for name, canary in CANARIES.items():
                value: Any = canary.encode() if field == "data" else canary
                changed = structs.replace(part, **{field: value})
                for form in ([*parts[:index], changed, *parts[index + 1 :]], [*parts, changed]):
                    body = bytes(write_form(form, boundary)[1])
                    leaks += [
                        (index, name, text)
                        for text in heard(case, target, case.upstream_model(target), body)
                        if NAME in text
                    ]

        assert [] == leaks


class TestUnreadableBodies:
    @pytest.mark.parametrize("source", imagewire.FORMATS)
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(f'{{"model": "{KEY}\udcff"}}', id="text-with-a-lone-surrogate"),
            pytest.param(f'{{"model": "{KEY}\xff"}}'.encode("latin-1"), id="no-utf-8"),
            pytest.param({"model": f"{KEY}\udcff"}, id="mapping-with-a-lone-surrogate"),
            pytest.param({"model": {KEY: {1, 2}}}, id="mapping-of-no-json"),
            pytest.param(f'{{"model": "{KEY}'.encode(), id="cut"),
            pytest.param(f'{{"model": "a"}} {KEY}'.encode(), id="more-behind"),
            pytest.param(f'{{"{KEY}": 1, "{KEY}": {{"a": 1}}}}'.encode(), id="unknown-key"),
            pytest.param(f'{{"{KEY}": 1, "x": NaN}}'.encode(), id="no-json-behind-a-key"),
            pytest.param(f'{{"a_{KEY}": 1, "contents": "{KEY}"}}'.encode(), id="wrong-type"),
            pytest.param(b'{"a":' * 5000 + f'"{KEY}"'.encode(), id="too-deep"),
        ],
    )
    def test_what_caused_an_error_does_not_betray_the_body(self, source: str, body: Any) -> None:
        """The repr of a `UnicodeError` holds everything that it stumbled on."""
        with pytest.raises(imagewire.TranslationError) as request:
            imagewire.translate_request(body, source=source, target="chat")
        with pytest.raises(imagewire.TranslationError) as response:
            imagewire.translate_response(body, source=source, target="chat")

        heard = [*said_by(request.value), *said_by(response.value)]
        assert [] == [text for text in heard if NAME in text]

    def test_what_caused_an_error_is_kept_where_it_says_nothing_but_a_place(self) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_request(b'{"a": }', source="chat", target="chat")

        assert "JSON is malformed: invalid character (byte 6)" == str(caught.value.__cause__)

    @pytest.mark.parametrize(
        ("boundary", "body"),
        [
            pytest.param("x", f"--x\r\n{KEY}: \xff\r\n\r\n".encode("latin-1"), id="header"),
            pytest.param("x", KEY.encode(), id="no-form"),
            pytest.param("\udcff" + KEY, b"--x--\r\n", id="boundary"),
            pytest.param(
                "x",
                f'--x\r\nContent-Disposition: form-data; name="{KEY}"\r\n\r\n'.encode()
                + b"\xff"
                + f"{KEY}\r\n--x--\r\n".encode(),
                id="field",
            ),
        ],
    )
    def test_a_broken_form_betrays_nothing(self, boundary: str, body: bytes) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_request(
                body,
                source="images",
                target="chat",
                content_type=f"multipart/form-data; boundary={boundary}",
            )

        assert [] == [text for text in said_by(caught.value) if NAME in text]


class TestMessages:
    def test_a_kind_of_part_is_shown_as_a_name(self) -> None:
        """Its type is the client's text, and was quoted in full."""
        with pytest.raises(imagewire.UnsupportedError) as caught:
            imagewire.translate_request(
                chat({"type": f"{KEY} {'word ' * 99}"}), source="chat", target="gemini"
            )

        kind = f"<key> {('word ' * 99)[:58]}"
        assert f"a `{kind}` part of chat is not supported by the API of this model" == (
            caught.value.message
        )

    def test_a_message_stays_a_sentence(self) -> None:
        """Whoever composes it."""

        assert 303 == len(imagewire.MalformedError("word " * 999).message)

    def test_a_failure_of_the_callers_own_is_cleaned_on_its_way_out(self) -> None:
        """The text of an HTTP client's exception holds the URL, and with it the key."""
        words = f"Connection to https://example.com/v1?key={NAME}012 timed out"
        for kind in (FailureKind.TIMEOUT, FailureKind.CONTENT_BLOCKED, FailureKind.NO_IMAGE):
            failure = Failure(kind=kind, message=words, status=504, stage="output")
            for target in imagewire.FORMATS:
                reply = imagewire.render_error(failure, target=target)

                assert NAME not in bytes(reply.body).decode()
                assert "?key=<key> timed out" in bytes(reply.body).decode()

    def test_the_command_line_names_no_key_of_an_address(self) -> None:
        answer = {"created": 1, "data": [{"url": f"https://x.example/a.png?key={NAME}0123"}]}
        result = run("save", body=answer)

        expected = "imagewire: all images are remote, and are not fetched: https://x.example\n"

        assert expected == result.stderr

    def test_the_command_line_cleans_the_words_of_a_refusal(self) -> None:
        answer = {"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": KEYS}}
        result = run("save", body=answer)

        assert (1, False) == (result.exit_code, NAME in result.stderr)


class TestReprs:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (Image(data=PICTURE, media_type="image/png"), "<image/png, 0.0 MB>"),
            (Image(data="A" * 1_866_668), "<application/octet-stream, 1.4 MB>"),
            (Image(url=f"https://x.example/{KEY}"), "<remote image>"),
            (Image(file_id=KEY), "<uploaded file>"),
            (Part(text="word " * 99), f"Part(text='{'word ' * 60}...')"),
            (Part(image=Image(data=PICTURE)), "image=<application/octet-stream, 0.0 MB>"),
            (Part(text="a", signature=PICTURE), "signature='<data>'"),
            (Turn(role="user", parts=(Part(text=KEY),)), "role='user', parts=(Part(text='<key>'"),
            (Foreign(format="chat", kind="x", value={"a": KEY}), "kind='x', value={'a': '<key>'}"),
            (
                Extra(format="chat", path=(KEY, 0), value=[PICTURE]),
                "('<key>', 0), value=['<data>']",
            ),
            (ReplyContext(model=KEY), "ReplyContext(model='<key>')"),
            (imagewire.Reply(KEY, 200, {"set-cookie": KEY}), "Reply(status=200)"),
            (imagewire.Endpoint("gemini", model=KEY), "model='<key>'"),
        ],
        ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
    )
    def test_a_value_shows_what_a_log_may_hold(self, value: object, expected: str) -> None:
        """Pictures by type and size, texts by their first 300 characters, keys never."""

        assert expected in repr(value)
        assert NAME not in repr(value)

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_a_result_shows_no_body(self, target: str) -> None:
        picture_url = f"data:image/png;base64,{PICTURE}"
        body = chat(picture(picture_url), {"type": "text", "text": "a hat"})
        model = UPSTREAM_MODELS.get(target, MODEL)
        options = options_for(target)
        result = imagewire.translate_request(
            body, source="chat", target=target, model=model, options=options
        )

        assert f"body=<Payload of {len(result.body)} bytes>" in repr(result)
        assert NAME not in repr(result)

    def test_a_repr_is_no_part_of_a_value(self) -> None:
        """What is stored and written is whole."""
        request = ImageRequest(turns=(Turn(role="user", parts=(Part(text=KEYS),)),))

        assert request == msgspec.json.decode(msgspec.json.encode(request), type=ImageRequest)
        written = imagewire.chat.write_request(structs.replace(request, model="gpt-image-2"))
        assert KEYS == document(written.value)["messages"][0]["content"]


class TestUpstreamErrors:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_the_words_pass_and_the_secrets_do_not(self, target: str) -> None:
        body = {"error": {"message": f"Incorrect API key provided: {KEY}.", "type": "x"}}
        reply = imagewire.translate_response(body, source="chat", target=target, status=401)

        assert "Incorrect API key provided: <key>." == document(reply)["error"]["message"]
