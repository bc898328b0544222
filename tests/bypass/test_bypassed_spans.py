"""What is cut out is what the readers read: nothing hides from a policy behind a large payload."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imagewire
from bypass import (
    SMALL,
    assert_bypass_is_unseen,
    base64_of,
    limits,
    payload,
    picture,
    reply,
    url_safe,
)
from imagewire.bypass.cut import bypassed
from imagewire.loss import C, lost
from imagewire.messages import Payload

TARGETS = list(imagewire.FORMATS)
LONG = base64_of(900)
MODEL = b'Content-Disposition: form-data; name="model"\r\n\r\n'
FILE = b'Content-Disposition: form-data; name="%s"; filename="a"\r\n\r\n'


def part(boundary: bytes, head: bytes, data: bytes) -> bytes:
    return b"--" + boundary + b"\r\n" + head + data + b"\r\n"


def edit(body: bytes, content_type: str, target: str = "images") -> imagewire.TranslatedRequest:
    return imagewire.translate_request(
        body, source="images", target=target, content_type=content_type
    )


def read_model(body: bytes, content_type: str) -> str | None:
    return imagewire.read_model(body, source="images", content_type=content_type)


#: To a reader of ``z`` a form of one model with a file in which a form of ``y`` names another one.
HIDING = (
    part(b"z", MODEL, b"gpt-image-1")
    + part(b"z", b'Content-Disposition: form-data; name="prompt"\r\n\r\n', b"a hat")
    + part(
        b"z",
        FILE % b"image",
        payload(300)
        + b"\r\n--y\r\n"
        + MODEL
        + b"gpt-image-2\r\n--y\r\n"
        + FILE % b"x"
        + payload(400, 1)
        + b"\r\n--y--\r\n"
        + payload(300, 2),
    )
    + b"--z--\r\n"
)
CONTENT_TYPES = [
    *("boundary=z", 'boundary="z"', "boundary=y; boundary=z", "boundary=z; boundary=y"),
    *('x="boundary=y"; boundary=z', "x-boundary=y; boundary=z", "boundary*=y; boundary=z"),
    *('x="; boundary=y; a="; boundary=z', "boundary=y", 'boundary="y"; x=";boundary=z'),
]


class TestForms:
    @pytest.mark.parametrize("parameters", CONTENT_TYPES)
    @pytest.mark.parametrize("target", TARGETS)
    def test_the_model_that_is_read_is_the_one_that_is_sent(
        self, target: str, parameters: str
    ) -> None:
        content_type = f"multipart/form-data; {parameters}"
        result = assert_bypass_is_unseen(lambda: edit(HIDING, content_type, target))
        read = assert_bypass_is_unseen(partial(read_model, HIDING, content_type))

        refused = isinstance(result, imagewire.TranslationError)
        assert refused or read == result.context.model

    @given(
        parameters=st.lists(
            st.sampled_from(["boundary=", "z", "y", '"', ";", " ", "x=", "x-", "*", "\\", "a"]),
            max_size=9,
        ),
        glue=st.sampled_from(
            [b"\r\n--z\r\n", b"\r\n--y\r\n", b"\r\n--z", b"\r\n--z--", b"--z\r\n"]
        ),
        at=st.integers(min_value=0, max_value=900),
    )
    @settings(max_examples=200)
    def test_no_form_says_one_thing_and_sends_another(
        self, parameters: list[str], glue: bytes, at: int
    ) -> None:
        content_type = "multipart/form-data;" + "".join(parameters)
        body = HIDING[:at] + glue + MODEL + b"gpt-image-1.5" + glue + HIDING[at:]
        result = assert_bypass_is_unseen(lambda: edit(body, content_type))

        if isinstance(result, imagewire.TranslatedRequest):
            read = assert_bypass_is_unseen(partial(read_model, body, content_type))
            assert read == result.context.model

    @pytest.mark.parametrize("safe", [True, False])
    def test_a_file_with_a_delimiter_in_it_is_read_whole(self, *, safe: bool) -> None:
        """It is none to this parser, but may be one to another."""
        inside = payload(300) + (b"\r\n--z" if safe else b"\r\n-z") + b"X" + payload(300)
        body = (
            part(b"z", b'Content-Disposition: form-data; name="prompt"\r\n\r\n', b"a hat")
            + part(b"z", FILE % b"image", inside)
            + b"--z--\r\n"
        )

        result = assert_bypass_is_unseen(
            lambda: edit(part(b"z", MODEL, b"m") + body, "multipart/form-data; boundary=z")
        )

        assert inside in bytes(result.body)

    @pytest.mark.parametrize("length", [1, 33, 70])
    @pytest.mark.parametrize("at", range(40, 70, 3))
    def test_a_boundary_of_the_caller_is_found_where_a_payload_was_cut(
        self, at: int, length: int
    ) -> None:
        boundary = "b-" * 35
        raw = payload(400)
        raw = raw[:at] + boundary[:length].encode() + raw[at:]
        body = {
            "model": "gpt-image-2",
            "prompt": "x",
            "image": url_safe(base64.b64encode(raw).decode()),
        }
        options = imagewire.Options(boundary=boundary[:length])

        error = assert_bypass_is_unseen(
            lambda: imagewire.translate_request(
                json.dumps(body).encode(), source="images", target="images", options=options
            )
        )

        assert isinstance(error, imagewire.InexpressibleError)

    def test_a_prompt_with_the_boundaries_to_come_gets_another(self) -> None:
        """The second one is a digest of all that it stands between."""
        body: dict[str, Any] = {"model": "gpt-image-2", "image": LONG}
        told: list[str] = []
        for _ in range(4):
            prompt = "a" * 60 + "".join(told) + "b" * 60
            raw = json.dumps({**body, "prompt": prompt}).encode()
            result = assert_bypass_is_unseen(
                partial(imagewire.translate_request, raw, source="images", target="images")
            )
            told.append(result.headers["content-type"].partition("boundary=")[2])
            assert told[-1] not in prompt

        assert 4 == len(set(told))


URIS = {
    "a comma in a parameter": "data:image/png;charset=a,b;base64,",
    "a comma before the flag": "data:,;base64,",
    "a comma in the type": "data:image/png,;base64,",
    "an escaped comma": "data:image/png\\u002c;base64,",
    "an escaped slash": "data:image\\/png;base64,",
    "an escaped scheme": "d\\u0061ta:image/png;base64,",
    "another alphabet": "data:image/png;\u72d0;base64,",
    "spaces": "data:image/png; base64 ,",
    "two flags": "data:image/png;base64;base64,",
    "a parameter after the flag": "data:image/png;base64;x=y,",
    "no flag": "data:image/png,",
    "a flag that is a type": "data:base64,",
    "many parameters": "data:image/png" + ";a=b" * 90 + ";base64,",
    "another URI before": 'data:image/svg+xml,\\"data:image/png;base64,',
    "words before": 'a hat \\"data:image/png;base64,',
    "an escaped backslash": 'data:,\\\\\\"',
    "a quote before": '\\"',
    "space before": " data:image/png;base64,",
}


class TestDataURIs:
    @pytest.mark.parametrize("uri", URIS.values(), ids=URIS)
    @pytest.mark.parametrize("target", TARGETS)
    def test_a_large_one_is_read_as_a_small_one(self, target: str, uri: str) -> None:
        body = f'{{"model":"m","prompt":"x","image":"{uri}{LONG}"}}'.encode()

        assert_bypass_is_unseen(
            partial(imagewire.translate_request, body, source="images", target=target)
        )

    @pytest.mark.parametrize("uri", URIS.values(), ids=URIS)
    @pytest.mark.parametrize("target", TARGETS)
    def test_one_in_a_reply_too(self, target: str, uri: str) -> None:
        body = reply(picture("AAAA"), picture(LONG)).replace(b'"AAAA"', f'"{uri}{LONG}"'.encode())

        for options in (imagewire.Options(), imagewire.Options(read_markdown=True)):
            assert_bypass_is_unseen(
                partial(
                    imagewire.translate_response,
                    body,
                    source="gemini",
                    target=target,
                    options=options,
                )
            )

    @given(
        st.lists(
            st.sampled_from(
                [*'dDaA:;,\\" =%/+', "data:", ";base64", "image/png", "\\u002c", '\\"']
            ),
            max_size=8,
        )
    )
    @settings(max_examples=200)
    def test_whatever_stands_before_the_data(self, pieces: list[str]) -> None:
        body = f'{{"model":"m","prompt":"x","image":"{"".join(pieces)}{LONG}"}}'.encode()
        for target in TARGETS:
            assert_bypass_is_unseen(
                partial(imagewire.translate_request, body, source="images", target=target)
            )


class TestAccounts:
    """The belt: a payload that vanished without a word makes the whole body be read."""

    BODY = json.dumps({"a": LONG, "b": base64_of(903, 1)}).encode()

    def kept(self, kept: slice, *losses: imagewire.Loss) -> list[int]:
        """The lengths of the bodies that a translation which keeps a part of its body gets."""
        lengths = []

        @bypassed
        def translate(body: bytes) -> imagewire.TranslatedResponse:
            lengths.append(len(body))
            return imagewire.TranslatedResponse(
                status=200, headers={}, body=Payload(bytes(body)[kept]), losses=losses
            )

        with limits(**SMALL):
            translate(self.BODY)
        return lengths

    def test_all_is_there(self) -> None:
        assert 1 == len(self.kept(slice(None)))

    def test_none_is_there_and_nothing_was_said(self) -> None:
        lengths = self.kept(slice(0, 5))

        assert len(self.BODY) == lengths[-1] > lengths[0]

    @pytest.mark.parametrize(
        ("codes", "readings"),
        [
            ([C.UNKNOWN_FIELD], 2),
            ([C.UNKNOWN_FIELD, C.UNKNOWN_FIELD], 1),
            ([C.FIELD_AS_TEXT, C.FIELD_AS_TEXT], 2),
            ([C.DRAFT_IMAGE], 1),
        ],
    )
    def test_losses_account_for_payloads(
        self, codes: list[imagewire.LossCode], readings: int
    ) -> None:
        """One loss for one payload, but a loss of pictures may tell of several."""
        losses = [lost(code, "$.a", "left out") for code in codes]

        assert readings == len(self.kept(slice(0, 5), *losses))
