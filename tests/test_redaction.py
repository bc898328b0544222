from __future__ import annotations

import base64

import pytest

from imagewire.redaction import LIMIT, clean

BASE64 = base64.b64encode(bytes(range(256))).decode()


class TestClean:
    @pytest.mark.parametrize(
        "text",
        [
            "Rate limit reached for images per minute.",
            "Invalid value at 'generation_config.image_config.aspect_ratio', \"17:9\"",
            "caf\u00e9 \U0001f600",
            "models/gemini-3.1-flash-image-preview is not found",
            "task-12345678901234567890",
            "",
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
