"""Data URIs: what they say, and where their data begin; of long ones too."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagewire import data_uris
from imagewire.data_uris import DataURI, parse_data_uri, unquoted


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("data:image/png;base64,AAAA", DataURI("image/png", is_base64=True, start=22)),
        ("DATA:;BASE64,", DataURI("", is_base64=True, start=13)),
        ("data:,;base64,AAAA", DataURI("", is_base64=False, start=6)),
        ("data:a/b;c=d,e;base64,AAAA", DataURI("a/b", is_base64=False, start=13)),
        ("data:a/b;base64;c=d,AAAA", DataURI("a/b", is_base64=True, start=20)),
        ("data:a/b; base64 ,AAAA", DataURI("a/b", is_base64=True, start=18)),
        ("data:base64,AAAA", DataURI("base64", is_base64=False, start=12)),
        ("data:a/b;xbase64,AAAA", DataURI("a/b", is_base64=False, start=17)),
        ("data:a/b;base64", None),
    ],
)
def test_the_first_comma_ends_what_is_said(uri: str, expected: DataURI | None) -> None:
    assert expected == parse_data_uri(uri)


@given(st.text(alphabet="%4aG\u72d0", max_size=40), st.integers(min_value=3, max_value=9))
def test_escapes_are_decoded_as_the_standard_library_does(text: str, block: int) -> None:
    """No escape is cut where a block ends."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(data_uris, "_BLOCK", block)
        assert unquote_to_bytes(text) == unquoted(text)
