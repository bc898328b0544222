from __future__ import annotations

from typing import Any

import attrs
import pytest

from imagewire.options import DEFAULTS, Options

CHOICES: dict[str, tuple[Any, ...]] = {  # default first
    "history": ("last_user", "all"),
    "model_ids": ("as_given", "bare", "prefixed"),
    "chat_images": ("parts", "message", "markdown"),
    "chat_extensions": (True, False),
    "read_markdown": (False, True),
    "keep_drafts": (False, True),
    "stream": ("refuse", "whole", "live"),
    "responses_model": (None, "gpt-6.1"),
    "unknown_fields": ("pass", "drop"),
    "references": ("pass", "refuse"),
    "images_text": ("drop", "revised_prompt"),
    "remote_urls": ("refuse", "file_uri"),
    "vertex": (False, True),
    "edit_body": ("auto", "json", "multipart"),
    "boundary": (None, "x", "A-Za_z'0" * 8),
}
STRINGS = [name for name, values in CHOICES.items() if isinstance(values[0], str)]
SWITCHES = [name for name, values in CHOICES.items() if isinstance(values[0], bool)]


class TestOptions:
    def test_the_defaults_are_the_contracts(self) -> None:
        """Every option, and its default."""
        expected = {name: values[0] for name, values in CHOICES.items()}

        assert expected == attrs.asdict(Options()) == attrs.asdict(DEFAULTS)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param(name, value, id=f"{name}-{value}")
            for name, values in CHOICES.items()
            for value in values
        ],
    )
    def test_every_value_of_the_contract_is_taken(self, name: str, value: Any) -> None:
        """As it is."""

        assert value == getattr(Options(**{name: value}), name)

    @pytest.mark.parametrize("name", STRINGS)
    def test_another_value_is_a_value_error(self, name: str) -> None:
        """A bad option is a wrong argument, no TranslationError."""
        with pytest.raises(ValueError, match=name):
            Options(**{name: "bogus"})  # type: ignore[arg-type]

    @pytest.mark.parametrize("name", SWITCHES)
    def test_a_switch_takes_no_text(self, name: str) -> None:
        """ "false" would be true."""
        with pytest.raises(TypeError, match=name):
            Options(**{name: "false"})  # type: ignore[arg-type]

    @pytest.mark.parametrize("value", ["", "x" * 71, "a b", "a\r\nb", "a/b", "\u00e9"])
    def test_a_boundary_is_short_and_plain(self, value: str) -> None:
        """``[A-Za-z0-9'_-]{1,70}``: it goes into a header."""
        with pytest.raises(ValueError, match="boundary"):
            Options(boundary=value)

    def test_options_cannot_be_changed(self) -> None:
        """One instance serves requests and replies alike."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            DEFAULTS.vertex = True  # type: ignore[misc]

    def test_an_instance_shows_what_is_not_at_its_default(self) -> None:
        """It stands in signatures, which people read."""

        assert "Options()" == repr(DEFAULTS)
        assert "Options(history='all', vertex=True)" == repr(Options(vertex=True, history="all"))
