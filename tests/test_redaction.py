from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewire.model import Extra, Usage
from imagewire.redaction import LIMIT, clean, show

BASE64 = base64.b64encode(bytes(range(256))).decode()


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


class TestClean:
    @given(
        st.text("ak:=/@?&sdt,-_.y1A ", max_size=11), st.sampled_from(["", "key", "data:", "://"])
    )
    def test_a_short_text_is_masked_as_it_is_behind_a_long_one(self, text: str, mark: str) -> None:
        long = "word " * 20

        assert long + clean(mark + text) == clean(long + mark + text)

    @pytest.mark.parametrize(
        "text",
        [
            "Rate limit reached for images per minute.",
            "Invalid value at 'generation_config.image_config.aspect_ratio', \"17:9\"",
            "caf\u00e9 \U0001f600",
            "models/gemini-3.1-flash-image-preview is not found",
            "task-12345678901234567890",
            "",
            "Use Bearer authentication, or Basic Authentication.",
            "API key not valid. Please pass a valid API key.",
            "api_key: required, token: missing, key=value",
            "The basic requirements: 2 images",
            "Invalid data: image, mask",
            "desk-organizer-with-drawers",
            "gemini-3.1-flash-image-preview and gpt-image-2-2026-04-21",
            "request req_011CSHoEeqs5C35K2UUqR7Fy, id chatcmpl-9Bz3xyXyzAbCdEfGhIjKlMnOpQrSt",
            "550e8400-e29b-41d4-a716-446655440000",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "GenerateContentInputTokensPerModelPerMinute-FreeTier",
            "request key_id 0123456789abcdef0123456789abcdef",
            "request id: 0123456789abcdef0123456789abcdef",
            "trace_id=0123456789abcdef0123456789abcdef, tokens: 12",
            "invalid key, request 0123456789abcdef0123456789abcdef",
            "ask me@example.com, or https://example.com/@me?a=b@c",
            "projects/a-project-1/locations/us-central1/publishers/google/models/gemini-9 is gone",
        ],
    )
    def test_ordinary_words_pass(self, text: str) -> None:
        """Upstream texts pass."""

        assert text == clean(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a\x00b", "ab"),
            ("a\x1b[31mb", "a[31mb"),
            ("a\r\nb", "a b"),
            ("a\x7fb", "ab"),
            ("a\x85b", "ab"),
        ],
        ids=["nul", "escape", "return", "delete", "c1"],
    )
    def test_control_characters_go(self, text: str, expected: str) -> None:
        """They could forge headers, logs and terminals."""

        assert expected == clean(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("key sk-proj-Ab1_" + "x" * 40, "key <key>", id="openai"),
            pytest.param("key sk-or-v1-" + "0f" * 32 + ".", "key <key>.", id="openrouter"),
            pytest.param("key AIza" + "Sy-_9" * 7, "key <key>", id="google"),
            pytest.param("token ya29.a0Af_-xyz1234567890", "token <key>", id="google-oauth"),
            pytest.param("Bearer abcdefghijkl.mnop", "<key>", id="bearer"),
            pytest.param("at https://x/y?a=1&key=abc&b=2", "at https://x/y?a=1&key=<key>&b=2"),
            pytest.param("sk-\x00proj-abcdefghijkl", "<key>", id="hidden-by-a-control-character"),
            pytest.param("key sk-ant-api03-a1B2_c3D4-e5F6", "key <key>", id="anthropic"),
            pytest.param("key rk_live_0123456789ab", "key <key>", id="restricted"),
            pytest.param("key rh-0123456789ab", "key <key>", id="gateway"),
            pytest.param("key gsk_" + "a1B2" * 12, "key <key>", id="groq"),
            pytest.param("key xai-" + "a1B2" * 20, "key <key>", id="xai"),
            pytest.param("key hf_" + "aBcD" * 8, "key <key>", id="hugging-face"),
            pytest.param("key AQ.Ab8RN6" + "a1B2_-" * 7, "key <key>", id="vertex-express"),
            pytest.param("SK-PROJ-ABCDEFGHIJKL", "<key>", id="upper-case"),
            pytest.param("(eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl)", "(<key>)", id="web-token"),
            pytest.param("Basic dXNlcjpwYXNz", "<key>", id="basic"),
            pytest.param("key AKIAIOSFODNN7EXAMPLE.", "key <key>.", id="aws"),
            pytest.param("ghp_" + "a1B2" * 9, "<key>", id="github"),
            pytest.param("github_pat_11AAAAAAA0_" + "a1B2" * 9, "<key>", id="github-fine"),
            pytest.param("glpat-a1B2c3D4e5F6g7H8", "<key>", id="gitlab"),
            pytest.param("xoxb-0123456789-a1B2", "<key>", id="slack"),
            pytest.param("r8_" + "a1B2" * 9, "<key>", id="replicate"),
            pytest.param("pplx-" + "a1b2" * 9, "<key>", id="perplexity"),
            pytest.param("key " + "0f" * 16 + " x", "key <key> x", id="hex-key"),
            pytest.param('{"token":"' + "0f" * 16 + '"}', '{"token":"<key>"}', id="hex-token"),
            pytest.param("secret is " + "0F" * 16, "secret is <key>", id="hex-secret"),
            pytest.param("subscription-key=" + "0f" * 16, "subscription-key=<key>", id="azure"),
            pytest.param("at https://me:pass@x.y/z", "at https://<key>@x.y/z", id="user"),
            pytest.param("ftp://token@x.y:21", "ftp://<key>@x.y:21", id="user-alone"),
            pytest.param(
                "x-goog-api-key: abc12345 sent", "x-goog-api-key: <key> sent", id="header"
            ),
            pytest.param("api_key=abc12345&n=1", "api_key=<key>&n=1", id="form"),
            pytest.param('{"api_key": "abc12345"}', '{"api_key": "<key>"}', id="json"),
            pytest.param(r"{\"apiKey\":\"abc12345\"}", r"{\"apiKey\":\"<key>\"}", id="nested-json"),
            pytest.param(
                "Incorrect API key provided: abcd1234.",
                "Incorrect API key provided: <key>",
                id="echo",
            ),
            pytest.param("access_token=abc12345", "access_token=<key>", id="access-token"),
            pytest.param("client_secret=abc12345", "client_secret=<key>", id="client-secret"),
            pytest.param("/a.png?sig=abc12345%3D", "/a.png?sig=<key>", id="signed-url"),
            pytest.param(
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY----- x",
                "<key> x",
                id="private-key",
            ),
            pytest.param("-----BEGIN PRIVATE KEY----- MIIE", "<key>", id="private-key-cut"),
        ],
    )
    def test_keys_are_masked(self, text: str, expected: str) -> None:
        """Whatever has the shape of a key."""

        assert expected == clean(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param(f"got {BASE64}!", "got <data>!", id="bare"),
            pytest.param(f"got data:image/png;base64,{BASE64}!", "got <data>!", id="data-uri"),
            pytest.param(
                "got " + BASE64.replace("+", "-").replace("/", "_") + "!", "got <data>!", id="url"
            ),
            pytest.param(
                "got " + quote(BASE64, safe="") + "!", "got <data>!", id="percent-encoded"
            ),
            pytest.param(
                "got " + BASE64.replace("/", "\\/") + "!", "got <data>!", id="escaped-by-php"
            ),
            pytest.param(
                "got " + BASE64.replace("=", "\\u003d") + "!", "got <data>!", id="escaped-by-google"
            ),
            pytest.param("got " + "0f" * 32 + "!", "got <data>!", id="hexadecimal"),
            pytest.param(
                "got " + f"{'Ab' * 31}/{'cd' * 31}" + "!", "got <data>!", id="with-a-slash"
            ),
            pytest.param("got data:image/png;x=y;base64,AAAA!", "got <data>!", id="short-data-uri"),
            pytest.param(
                "got DATA:image/svg+xml,%3Csvg%3E, or", "got <data> or", id="plain-data-uri"
            ),
        ],
    )
    def test_base64_runs_are_masked(self, text: str, expected: str) -> None:
        """No payload leaves in a message."""

        assert expected == clean(text)

    @pytest.mark.parametrize("letter", ["a ", "\u00e9 ", "\U0001f600 ", "\udcff "])
    def test_messages_are_cut_at_4_kib(self, letter: str) -> None:
        """In bytes of UTF-8, and never inside a character."""
        text = letter * 5000
        found = clean(text)

        assert LIMIT - 4 <= len(found.encode()) <= LIMIT
        assert text.replace("\udcff", "?").startswith(found)

    def test_a_key_at_the_cut_is_masked_whole(self) -> None:
        """Masking comes before cutting."""
        text = "a " * 2040 + "sk-" + "b" * 60

        assert clean(text).endswith("a <key>")


class TestShow:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (10**5000, "<int>"),
            (Extra(format="chat", path=("a",), value=10**5000), "value=<int>"),
            (Extra(format="chat", path=("a",), value=nested(100_000)), "value=<list>"),
            (Usage(prompt=10**5000), "Usage(prompt=<int>)"),
        ],
        ids=["digits", "digits-in-a-value", "depth", "a-sum"],
    )
    def test_what_has_no_repr_shows_its_type(self, value: object, expected: str) -> None:
        assert expected in show(value)
