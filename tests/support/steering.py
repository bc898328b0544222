"""What could steer a path, a header or a form, and what tells that it did not."""

from __future__ import annotations

import email
import email.message
import re

import pytest

HEADER = re.compile(r"[ -~]*")

#: Ids that would go astray in a path, or steer what reads it.
HOSTILE = {
    "parent": "../",
    "parents": "../../v1/files",
    "encoded_parent": "%2e%2e",
    "encoded_slash": "a%2Fb",
    "twice_encoded_slash": "a%252Fb",
    "slash": "a/b",
    "backslash": "a\\b",
    "query": "a?x=1",
    "fragment": "a#b",
    "action": "a:streamGenerateContent",
    "space": "a b",
    "return": "a\rb",
    "line_end": "a\nb",
    "trailing_line_end": "a\n",
    "nul": "a\x00b",
    "c1": "a\x85b",
    "look_alike_slash": "a\u2215b",
    "look_alike_letter": "g\u0435mini",
    "full_width": "\uff47emini",
    "full_stop_leader": "\u2025",
    "bidi": "a\u202eb",
    "surrogate": "a\udcffb",
    "dots": "..",
    "dots_inside": "a..b",
    "too_long": "x" * 257,
    "empty": "",
    "empty_after_prefix": "google/",
    "prefixes_only": "models/google/",
    "twice_prefixed_parent": "models/models/..",
    "prefixed_parent": "google/../x",
    "vertex_parent": "projects/p/locations/l/publishers/google/models/../x",
    "userinfo": "a@b/c",
    "scheme": "https://evil.example/x",
}
#: What a media type, a name or an id could bring into a header.
STEERING = {
    "line_end": "\r\nX-Evil: 1",
    "bare_return": "\rX-Evil: 1",
    "bare_line_end": "\nX-Evil: 1",
    "quote": '"; filename="evil',
    "backslash": "\\",
    "escaped_quote": '\\"; filename="evil',
    "nul": "\x00",
    "tab": "\t",
    "c1": "\x85X-Evil: 1",
    "not_ascii": "\u00e9\u2028\u4e2d",
    "semicolon": ";x=1",
    "comma": ",evil",
    "delimiter": "\r\n--x\r\n",
    "very_long": "x" * 3000,
}
BY_STEERING = pytest.mark.parametrize("text", STEERING.values(), ids=STEERING)
BY_HOSTILE = pytest.mark.parametrize("model", HOSTILE.values(), ids=HOSTILE)


def is_tame(head: str) -> bool:
    """Whether a text can stand in a header: visible ASCII on one line, without quotes."""
    return HEADER.fullmatch(head) is not None and not {'"', "\\"} & set(head)


def check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        assert re.fullmatch(r"[a-z-]+", name)
        assert HEADER.fullmatch(value)
        assert value == value.encode("latin-1").decode("latin-1")


def parsed(content_type: str, body: bytes) -> list[email.message.Message]:
    """The parts of a form as the standard library sees them."""
    message = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = message.get_payload()
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, email.message.Message)]
