"""Large payloads go around the codec, with the same result: the same bytes as without."""

from __future__ import annotations

import base64
import json
from functools import partial
from itertools import product
from random import Random
from typing import Any

import pytest

import imagewire
from bodies import contents, document
from bypass import (
    answer,
    assert_bypass_is_unseen,
    base64_of,
    edit,
    enlarged,
    form,
    payload,
    picture,
    reply,
    url_safe,
    wrapped,
)
from cases import CASES, Case, options_for
from fuzz_inputs import CHOICES
from imagewire.placeholder import placeholder, placeholder_tag
from outcomes import assert_same, outcome

TARGETS = list(imagewire.FORMATS)


class TestSamples:
    @pytest.mark.parametrize(
        ("case", "target"),
        list(product(CASES, TARGETS)),
        ids=[f"{case}-to-{target}" for case, target in product(CASES, TARGETS)],
    )
    def test_every_direction_of_every_sample(self, case: Case, target: str) -> None:
        """Its payloads made long, in either alphabet, with padding and without."""
        is_form = case.file.endswith(".http")
        body = case.body if is_form else enlarged(case.body, Random(1))
        for options in CHOICES:
            assert_bypass_is_unseen(partial(case.translate, body, target, options))


class TestAlignment:
    @pytest.mark.parametrize("size", range(96, 210, 3))
    def test_payloads_of_any_length_at_any_place(self, size: int) -> None:
        """Around the least length that is cut, and around the grid."""
        for shift in range(0, 70, 7):
            body = reply(
                {"text": "x" * shift}, picture(base64_of(size)), picture(base64_of(size - 1, 1))
            )
            for target in TARGETS:
                assert_bypass_is_unseen(partial(answer, body, target))

    @pytest.mark.parametrize("size", range(190, 200))
    def test_files_of_any_length(self, size: int) -> None:
        body = form(("prompt", b"a hat"), ("image[]", payload(size)), ("image[]", payload(700, 2)))
        for target in TARGETS:
            assert_bypass_is_unseen(partial(edit, body, target))


LONG = base64_of(900)
DIGITS = "9" * 100_000
ODD = {
    "an escape before": reply({"text": "a\\"}, picture(LONG)),
    "an escaped quote before": reply({"text": f'"{LONG}'}, picture(LONG)),
    "an escaped quote on both sides": reply({"text": f'"{LONG}" and "{LONG}"'}, picture(LONG)),
    "a text of base64 letters": reply({"text": LONG}),
    "a thought of base64 letters": reply({"text": LONG, "thought": True}, picture(LONG)),
    "a key of base64 letters": reply(picture(LONG), **{LONG: 1}),
    "a key, spaces, a colon": reply(picture(LONG), k=1).replace(
        b'"k"', b'"' + LONG.encode() + b'"' + b" " * 90
    ),
    "a url-safe picture": reply(picture(url_safe(LONG))),
    "a mixed alphabet": reply(picture(LONG[:300] + url_safe(LONG[300:]))),
    "a url-safe signature": reply(picture(LONG, thoughtSignature=url_safe(LONG))),
    "a signature on a text": reply({"text": "x", "thoughtSignature": LONG}, picture(LONG)),
    "an unpadded picture": reply(picture(base64_of(901).rstrip("="))),
    "an unpadded signature": reply(picture(LONG, thoughtSignature=base64_of(902).rstrip("="))),
    "an unpadded url-safe picture": reply(picture(url_safe(base64_of(901).rstrip("=")))),
    "one letter too many": reply(picture(LONG + "A")),
    "two letters too many behind padding": reply(picture(base64_of(901) + "AA")),
    "padding among two letters too many": reply(picture(LONG + "=A")),
    "a space behind base64": reply({"text": LONG + "A "}, picture(LONG)),
    "a quote behind base64": reply({"text": LONG + 'AA"' + LONG}, picture(LONG)),
    "a padded picture": reply(picture(base64_of(901))),
    "padding in the middle": reply(picture(LONG[:600] + "==" + LONG[:598])),
    "padding at the end of a block": reply(picture(LONG[:598] + "==" + LONG[:600])),
    "spaces at the end": reply(picture(LONG)) + b" " * 300,
    "one bad byte at the end": reply(picture(LONG[:-1] + "!")),
    "one bad byte at the beginning": reply(picture("!" + LONG[1:])),
    "a wrapped picture": reply(picture(wrapped(LONG))),
    "a wrapped picture with an end of its last line": reply(picture(wrapped(LONG) + "\n")),
    "a wrapped picture of full lines": reply(picture(wrapped(LONG, 60) + "\n")),
    "a picture wrapped as mail": reply(picture(wrapped(LONG, 64, "\r\n") + "\r\n")),
    "a picture in lines of one letter": reply(picture(wrapped(LONG, 1))),
    "a picture in lines of two lengths": reply(picture(wrapped(LONG[:600], 76) + LONG[600:])),
    "a picture with one end of a line": reply(picture(LONG[:100] + "\n" + LONG[100:])),
    "a picture behind the end of a line": reply(picture("\n" + wrapped(LONG))),
    "a picture wrapped with other escapes": reply(picture(wrapped(LONG, 76, "\t"))),
    "a wrapped picture with a bad byte": reply(picture(wrapped(LONG[:-1] + "!"))),
    "a wrapped picture without padding": reply(picture(wrapped(base64_of(901).rstrip("=")))),
    "a wrapped url-safe picture": reply(picture(wrapped(url_safe(LONG)))),
    "a wrapped data URI": reply(picture(f"data:image/png;base64,{wrapped(LONG)}")),
    "a wrapped signature": reply(picture(LONG, thoughtSignature=wrapped(LONG))),
    "a wrapped text": reply({"text": wrapped(LONG)}, picture(wrapped(LONG))),
    "a wrapped text and its picture": reply({"text": wrapped(LONG)}, picture(LONG)),
    "a wrapped unknown field": reply(picture(LONG), other=wrapped(LONG)),
    "a data URI": reply(picture(f"data:image/png;base64,{LONG}")),
    "a data URI that ends before it has data": reply(
        {"text": "data:image/png"}, {"text": f"x;base64,{LONG}"}, picture(LONG)
    ),
    "a data URI in capitals": reply(picture(f"DATA:IMAGE/PNG;BASE64,{LONG}")),
    "a data URI with parameters": reply(picture(f"data:image/png;a=b;base64,{LONG}")),
    "a data URI of a wrong type": reply(picture(f"data:image/gif;base64,{LONG}")),
    "the same picture twice": reply(picture(LONG), picture(LONG)),
    "a draft": reply(picture(LONG, thought=True), picture(base64_of(903, 1))),
    "only drafts": reply(picture(LONG, thought=True)),
    "an unknown field": reply(picture(LONG, other=LONG), other={"deep": [LONG]}),
    "unknown bytes": reply(picture("AAAA" * 200)),
    "base64 of base64": reply(picture(base64.b64encode(LONG.encode()).decode())),
    "markdown": reply({"text": f"![a](data:image/png;base64,{LONG})"}),
    "a number of 100 000 digits": reply(picture(LONG), n=1).replace(b"1}", DIGITS.encode() + b"}"),
    "a text of 100 000 digits": reply(picture(LONG), usageMetadata={"promptTokenCount": DIGITS}),
    "a finish reason": json.dumps({"candidates": [{"finishReason": LONG}]}).encode(),
    "a refusal": json.dumps(
        {"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": f"No {LONG}"}]}
    ).encode(),
    "words beside a picture": json.dumps(
        {
            "candidates": [
                {"content": {"parts": [picture(LONG)]}, "finishMessage": LONG, "finishReason": "X"}
            ]
        }
    ).encode(),
    "an error": json.dumps({"error": {"message": f"a {LONG}", "code": 429}}).encode(),
    "an id": reply(picture(LONG), responseId=LONG, modelVersion=LONG),
    "nothing but quotes": b'"' * 900,
    "a body cut short": reply(picture(LONG))[:-1],
    "rubbish behind a body": reply(picture(LONG)) + b'"' + LONG.encode() + b'"',
    "rubbish between texts": reply(picture(LONG), a="b").replace(
        b'"a":', b'"a" ;base64,' + LONG.encode()
    ),
    "a placeholder": reply(
        {"text": placeholder(placeholder_tag("0" * 32), 0, 1200)}, picture(LONG)
    ),
    "an escaped placeholder": reply(picture(LONG), a="\\u002b\\u002bImageWire" + "0" * 49),
    "a percent-encoded placeholder": reply(
        picture(f"data:image/png;base64,%2B%2BImageWire{'0' * 49}{LONG}"), picture(LONG)
    ),
    "a picture that looks cut": reply(
        picture(LONG[:64] + placeholder("0" * 41, 0, 9) + LONG[-64:])
    ),
}


class TestOddBodies:
    @pytest.mark.parametrize("body", ODD.values(), ids=ODD)
    @pytest.mark.parametrize("target", TARGETS)
    def test_the_bypass_gives_the_same(self, target: str, body: bytes) -> None:
        for options in CHOICES:
            assert_bypass_is_unseen(partial(answer, body, target, options=options))

    @pytest.mark.parametrize("body", ODD.values(), ids=ODD)
    @pytest.mark.parametrize("target", TARGETS)
    def test_a_part_of_more_gives_the_same(self, target: str, body: bytes) -> None:
        """The quotes around the part close no string of it."""
        part = memoryview(b'"' + body + b'"')[1:-1]
        expected = outcome(answer, body, target)

        assert_same(expected, assert_bypass_is_unseen(partial(answer, part, target)))

    def test_a_form_that_is_a_part_of_more_gives_the_same(self) -> None:
        body = form(("prompt", b"a hat"), ("image[]", payload(700)))
        part = memoryview(b"--xyz" + body)[5:]
        expected = edit(body, "gemini")

        assert_same(expected, assert_bypass_is_unseen(partial(edit, part, "gemini")))

    @pytest.mark.parametrize("body", ODD.values(), ids=ODD)
    def test_several_replies_give_the_same(self, body: bytes) -> None:
        replies = [imagewire.Reply(body), imagewire.Reply(reply(picture(base64_of(999, 3))))]
        failure = imagewire.chat.read_failure(b"", status=500)

        orders: list[Any] = [replies, replies[::-1], [failure, *replies], tuple(replies)]
        for order in orders:
            assert_bypass_is_unseen(
                partial(imagewire.translate_responses, order, source="gemini", target="chat")
            )

    @pytest.mark.parametrize("other", [LONG, LONG[:600] + "A" + LONG[601:]], ids=["equal", "alike"])
    def test_equal_texts_stay_equal(self, other: str) -> None:
        """Replies that agree on their pictures' background agree with placeholders for it too."""
        data = [{"b64_json": LONG}, {"b64_json": other}]
        replies = [
            imagewire.Reply(json.dumps({"data": data, "background": text}).encode())
            for text in (LONG, other)
        ]

        result = assert_bypass_is_unseen(
            partial(imagewire.translate_responses, replies, source="images", target="images")
        )

        paths = [loss.path for loss in result.losses]
        assert LONG == document(result)["background"]
        assert (other != LONG) == any("background" in path for path in paths)

    @pytest.mark.parametrize("field", ["model", "size", "quality", "output_format", "user", "n"])
    @pytest.mark.parametrize("target", TARGETS)
    def test_a_setting_of_base64_letters(self, field: str, target: str) -> None:
        """Limits of length and folded case see the whole text."""
        body = {"model": "gpt-image-2", "prompt": LONG, "images": [{"image_url": LONG}]}
        raw = json.dumps({**body, field: LONG}).encode()
        for options in CHOICES:
            assert_bypass_is_unseen(
                partial(
                    imagewire.translate_request,
                    raw,
                    source="images",
                    target=target,
                    options=options,
                )
            )

    @pytest.mark.parametrize("target", TARGETS)
    def test_pictures_that_are_left_out_are_reported_with_their_size(self, target: str) -> None:
        """The default drops the turns before the last one."""
        shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{LONG * 300}"}}
        turns = [
            {"role": "user", "content": [shown]},
            {"role": "assistant", "content": [shown]},
            {"role": "user", "content": [shown, {"type": "text", "text": "make it night"}]},
        ]
        raw = json.dumps({"model": "m", "messages": turns}).encode()

        result = assert_bypass_is_unseen(
            lambda: imagewire.translate_request(
                raw, source="chat", target=target, options=options_for(target)
            )
        )

        if target != "chat":
            assert any("0.3 MB" in loss.detail for loss in result.losses)

    def test_a_fetched_picture_stays_what_it_is(self) -> None:
        url = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
        inline = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{LONG}"}}
        messages = [{"role": "user", "content": [url, inline]}]
        raw = json.dumps({"model": "m", "messages": messages}).encode()

        result = assert_bypass_is_unseen(
            lambda: imagewire.translate_request(
                raw,
                source="chat",
                target="gemini",
                fetched={"https://example.com/a.png": payload(500, 5)},
            )
        )

        assert 2 == len(document(result)["contents"][0]["parts"])

    def test_looking_up_is_the_same_too(self) -> None:
        raw = json.dumps({**contents(picture(LONG)), "model": "m"}).encode()
        nameless = json.dumps(contents(picture(LONG))).encode()

        for body in (raw, nameless, b'{"model": "' + LONG.encode() + b'"}'):
            assert_bypass_is_unseen(partial(imagewire.read_model, body, source="gemini"))
            assert_bypass_is_unseen(
                partial(imagewire.remote_images, body, source="gemini", target="chat")
            )

    @pytest.mark.parametrize("model", [LONG, LONG + "AA", LONG + "AAA", "gpt" + "-" * 499])
    @pytest.mark.parametrize("target", TARGETS)
    def test_looking_up_sees_how_long_a_model_id_is(self, target: str, model: str) -> None:
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": "x"}]}).encode()

        found = assert_bypass_is_unseen(
            partial(imagewire.remote_images, body, source="chat", target=target)
        )

        assert isinstance(found, imagewire.InvalidModelError)


SECRET = b"0123456789abcdef" * 2
FORMS = {
    "one file": form(("prompt", b"a hat"), ("image", payload(900))),
    "several files and a mask": form(
        ("prompt", b"a hat"),
        ("image[]", payload(900)),
        ("image[]", payload(901, 1)),
        ("mask", payload(902, 2)),
    ),
    "the same file twice": form(
        ("prompt", b"x"), ("image[]", payload(900)), ("image[]", payload(900))
    ),
    "a prompt of base64 letters": form(("prompt", LONG.encode()), ("image", payload(900))),
    "a prompt that is a file": form(
        ("image_prompt", b"x"), ("image", payload(900)), ("prompt", b"x")
    ),
    "base64 in a part": form(("prompt", b"x"), ("image", LONG.encode())),
    "an encoded part": form(("prompt", b"x"), ("image", LONG.encode())).replace(
        b'a.png"', b'a.png"\r\nContent-Transfer-Encoding: base64'
    ),
    "no end": form(("prompt", b"x"), ("image", payload(900)))[:-4],
    "no file": form(("prompt", b"x" * 900)),
    "a file of line ends": form(("prompt", b"x"), ("image", b"GIF89a" + b"\r\n--xy" * 300)),
    "unknown bytes": form(("prompt", b"x"), ("image", b"\0" * 900)),
    "another boundary": form(("prompt", b"x"), ("image", payload(900)), boundary="other"),
}


class TestForms:
    @pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
    @pytest.mark.parametrize("target", TARGETS)
    def test_the_bypass_gives_the_same(self, target: str, body: bytes) -> None:
        for options in CHOICES:
            assert_bypass_is_unseen(partial(edit, body, target, options=options))

    @pytest.mark.parametrize("safe", [False, True])
    def test_a_json_edit_becomes_a_form(self, *, safe: bool) -> None:
        """Base64 becomes a file's bytes."""
        text = url_safe(LONG) if safe else LONG
        raw = json.dumps({"model": "gpt-image-2", "prompt": "x", "image": text}).encode()

        result = assert_bypass_is_unseen(
            lambda: imagewire.translate_request(raw, source="images", target="images")
        )

        assert payload(900) in bytes(result.body)

    @pytest.mark.parametrize("at", [0, 40, 300, 860])
    @pytest.mark.parametrize("as_form", [True, False])
    def test_a_file_that_holds_the_boundary_to_come(self, at: int, *, as_form: bool) -> None:
        """A picture cannot end its part, not even one that was made for that."""
        raw = payload(900)

        def translated(raw: bytes) -> imagewire.TranslatedRequest:
            if as_form:
                return edit(form(("model", b"m"), ("prompt", b"x"), ("image", raw)), "images")
            body = {"model": "m", "prompt": "x", "image": base64.b64encode(raw).decode()}
            return imagewire.translate_request(
                json.dumps(body).encode(), source="images", target="images"
            )

        told = translated(raw).headers["content-type"].partition("boundary=")[2].encode()
        evil = raw[: 48 + at][:800] + told + raw[48 + at :]

        result = assert_bypass_is_unseen(lambda: translated(evil))

        boundary = result.headers["content-type"].partition("boundary=")[2].encode()
        assert boundary not in evil

    def test_a_boundary_of_the_caller_that_occurs_is_refused(self) -> None:
        body = form(
            ("model", b"m"), ("prompt", b"x"), ("image", payload(400) + SECRET + payload(400))
        )
        options = imagewire.Options(boundary=SECRET.decode())

        error = assert_bypass_is_unseen(lambda: edit(body, "images", options=options))

        assert isinstance(error, imagewire.InexpressibleError)
