"""Hostile bodies of any size: what clients and upstreams could send to make a translation costly.

A row is a function of a size in bytes, and gives a body that is about so large. To add one, write it
into the table of its kind; the tests of ``laws/test_hostile_shapes.py`` and
``benchmarks/hostile.py`` run over all rows in every direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

import hub
import imagewire
from cases import GEMINI_MODEL, UPSTREAM_MODELS

Kind = Literal["request", "reply", "failure"]
Unit = bytes | Callable[[int], bytes]

FORM = "multipart/form-data; boundary=xyz"


class Hostile(NamedTuple):
    """A body, the format that it is read as, and what its content type says."""

    body: bytes
    source: str
    content_type: str = "application/json"


Shape = Callable[[int], Hostile]


def filled(size: int, unit: Unit, between: bytes = b"") -> bytes:
    """Units one after the other, up to a size; a unit may depend on its number."""
    if isinstance(unit, bytes):
        return between.join([unit] * max(1, size // (len(unit) + len(between))))
    units, length = [], 0
    while length < size:
        units.append(unit(len(units)))
        length += len(units[-1]) + len(between)
    return between.join(units)


def _rows(source: str, before: bytes, after: bytes, between: bytes = b",") -> Any:
    """Makes shapes of JSON: units between what comes before them and what comes after."""

    def row(*units: Unit) -> Shape:
        def shape(size: int) -> Hostile:
            parts = [filled(size // len(units), unit, between) for unit in units]
            return Hostile(before + between.join(parts) + after, source)

        return shape

    return row


def _numbered(text: bytes) -> Callable[[int], bytes]:
    """A unit with its number at each ``#``."""
    return lambda number: text.replace(b"#", b"%d" % number)


def _form(unit: Unit) -> Shape:
    """A form whose middle is of units, each of them whole parts or a piece of one."""

    def shape(size: int) -> Hostile:
        return Hostile(_FORM_HEAD + filled(size, unit) + _FORM_TAIL, "images", FORM)

    return shape


def field(name: bytes, value: bytes = b"x", more: bytes = b"") -> bytes:
    """A part of a form."""
    head = b'--xyz\r\nContent-Disposition: form-data; name="%b"%b' % (name, more)
    return head + b"\r\n\r\n" + value + b"\r\n"


def towers(opening: bytes, closing: bytes, deep: int) -> bytes:
    """A value that is so deep."""
    return opening * deep + b"1" + closing * deep


_FILE = b'; filename="a.png"\r\nContent-Type: image/png'
_PNG = b"\x89PNG\r\n\x1a\n"
_FORM_HEAD = field(b"model", b"gpt-image-2") + field(b"prompt", b"a fox")
_FORM_TAIL = field(b"image", _PNG + bytes(64), _FILE) + b"--xyz--\r\n"
_PICTURE = hub.PNG_URI.encode()
_SHORT = b"data:image/png;base64,iVBORw0KGgo="
_PROMPT = b'{"role":"user","content":"a fox"}'

_chat = _rows("chat", b'{"model":"m","messages":[' + _PROMPT + b"],", b"}")
_messages = _rows("chat", b'{"model":"m","messages":[', b"," + _PROMPT + b"]}")
_parts = _rows("chat", b'{"model":"m","messages":[{"role":"user","content":[', b"]}]}")
_prose = _rows("chat", b'{"model":"m","messages":[{"role":"user","content":"', b'"}]}', b"")
_url = _rows(
    "chat",
    b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"',
    b'"}}]}]}',
    b"",
)
_gemini = _rows("gemini", b'{"contents":[{"parts":[{"text":"a fox"}]}],', b"}")
_contents = _rows("gemini", b'{"contents":[', b',{"parts":[{"text":"a fox"}]}]}')
_gemini_parts = _rows("gemini", b'{"contents":[{"parts":[', b"]}]}")
_words = _rows("gemini", b'{"contents":[{"parts":[{"text":"', b'"}]}]}', b"")
_inline = _rows(
    "gemini",
    b'{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"',
    b'"}}]}]}',
    b"",
)
_edit = _rows("images", b'{"model":"gpt-image-2","prompt":"x","image":"%b",' % _PICTURE, b"}")
_edit_images = _rows("images", b'{"model":"gpt-image-2","prompt":"x","images":[', b"]}")
_edit_image = _rows("images", b'{"model":"gpt-image-2","prompt":"x","image":"', b'"}', b"")


def _chained_boundaries(size: int) -> Hostile:
    """A prompt that holds one after the other what names and ends of parts would be digested to."""
    ends = b"x" * 46
    digest = blake2b(digest_size=16)
    picture = _PNG + bytes(92)
    for name, data in ((b"model", b"gpt-image-2"), (b"prompt", ends), (b"image", picture)):
        digest.update(name + b" " + data[:46] + data[-46:])
    chain = []
    for _ in range(size // 32):
        chain.append(digest.hexdigest().encode())
        digest.update(b"again")
    prompt = ends + b"".join(chain) + ends
    parts = field(b"model", b"gpt-image-2"), field(b"prompt", prompt), field(b"image", picture, _FILE)
    return Hostile(b"".join(parts) + b"--xyz--\r\n", "images", FORM)


def _content_type(text: str, unit: str, end: str = "") -> Shape:
    """A small form, whose content type is large."""

    def shape(size: int) -> Hostile:
        kind = text + unit * (size // len(unit)) + end
        return Hostile(_FORM_HEAD + _FORM_TAIL, "images", kind)

    return shape


def _boundary(boundary: str, unit: bytes) -> Shape:
    """A file full of something that begins as the boundary does."""

    def shape(size: int) -> Hostile:
        form = _FORM_HEAD + field(b"image", filled(size, unit), _FILE) + _FORM_TAIL
        kind = f"multipart/form-data; boundary={boundary}"
        return Hostile(form.replace(b"--xyz", b"--" + boundary.encode()), "images", kind)

    return shape


def _around(unit: bytes) -> Shape:
    """A small body between much of something."""
    small = b'{"model":"m","messages":[' + _PROMPT + b"]}"
    return lambda size: Hostile(small.join([filled(size // 2, unit)] * 2), "chat")


REQUESTS: dict[str, Shape] = {
    # Unknown fields.
    "unknown keys": _chat(_numbered(b'"k#":1')),
    "unknown keys of one letter and more": _chat(_numbered(b'"#":0')),
    "unknown keys of a message": _messages(lambda n: b'{"role":"user","content":"x","k%d":1}' % n),
    "unknown keys of one part": _rows(
        "chat",
        b'{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x",',
        b"}]}]}",
    )(_numbered(b'"k#":1')),
    "unknown keys of each part": _parts(_numbered(b'{"type":"text","text":"x","k#":1}')),
    "unknown keys in two spellings": _gemini(_numbered(b'"aB#":1,"a_b#":1')),
    "unknown keys of Gemini": _gemini(_numbered(b'"k#":1')),
    "unknown keys with underscores": _gemini(lambda n: b'"%b%d":1' % (b"_a" * 40, n)),
    "one unknown key": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"%b":1}' % (_PROMPT, b"k" * size), "chat"
    ),
    "one unknown key of underscores": lambda size: Hostile(
        b'{"contents":[{"parts":[{"text":"x"}]}],"%b":1}' % (b"_a" * (size // 2)), "gemini"
    ),
    "unknown values": _chat(_numbered(b'"k#":{"a":[{"b":"c"}]}')),
    "one unknown list": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"u":[%b]}' % (_PROMPT, filled(size, b"0", b",")), "chat"
    ),
    "duplicate keys": _chat(b'"n":1'),
    "duplicate unknown keys": _chat(b'"u":1'),
    "duplicate messages": lambda size: Hostile(
        b'{"model":"m",%b}' % filled(size, b'"messages":[' + _PROMPT + b"]", b","), "chat"
    ),
    "unknown pictures": _chat(_numbered(b'"k#":"%b"' % _SHORT)),
    "an extra_body": _rows(
        "chat", b'{"model":"m","messages":[%b],"extra_body":{"google":{' % _PROMPT, b"}}}"
    )(_numbered(b'"k#":{"k":0}')),
    # Many of something small.
    "empty messages": _messages(b"{}"),
    "null messages": _messages(b"null"),
    "messages": _messages(_PROMPT),
    "turns": _messages(b'{"role":"assistant","content":"a"},{"role":"user","content":"b"}'),
    "system messages": _messages(b'{"role":"system","content":"a"}'),
    "tool messages": _messages(
        _numbered(
            b'{"role":"assistant","content":null,"tool_calls":[{"id":"c#","type":"function",'
            b'"function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c#","content":""}'
        )
    ),
    "reasoning": _messages(b'{"role":"assistant","content":"a","reasoning":"b"}'),
    "signatures": _messages(
        b'{"role":"assistant","content":"a","extra_content":{"google":{"thought_signature":"AAAA"}}}'
    ),
    "assistant pictures": _messages(
        b'{"role":"assistant","content":"","images":[{"image_url":{"url":"%b"}}]}' % _SHORT
    ),
    "empty parts": _parts(b"{}"),
    "parts": _parts(b'{"type":"text","text":"x"}'),
    "parts of no text": _parts(b'{"type":"text","text":""}'),
    "foreign parts": _parts(b'{"type":"input_audio","input_audio":{}}'),
    "parts of types": _parts(_numbered(b'{"type":"t#"}')),
    "pictures": _parts(b'{"type":"image_url","image_url":{"url":"%b"}}' % _SHORT),
    "remote pictures": _parts(
        _numbered(b'{"type":"image_url","image_url":{"url":"https://e.example/#"}}')
    ),
    "wrongly declared pictures": _parts(
        b'{"type":"image_url","image_url":{"url":"data:image/gif;base64,iVBORw0KGgo="}}'
    ),
    "pictures and texts in turn": _parts(
        b'{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"%b"}}' % _SHORT
    ),
    "stops": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"stop":[%b]}' % (_PROMPT, filled(size, b'"s"', b",")), "chat"
    ),
    "modalities": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"modalities":[%b]}'
        % (_PROMPT, filled(size, b'"image"', b",")),
        "chat",
    ),
    "empty contents": _contents(b"{}"),
    "contents of no parts": _contents(b'{"parts":[]}'),
    "null contents": _contents(b"null"),
    "contents": _contents(b'{"role":"user","parts":[{"text":"x"}]}'),
    "contents of one part": _contents(b'{"parts":{"text":"x"}}'),
    "contents in turn": _contents(
        b'{"role":"model","parts":[{"text":"x"}]},{"role":"user","parts":[{"text":"x"}]}'
    ),
    "empty Gemini parts": _gemini_parts(b"{}"),
    "Gemini parts": _gemini_parts(b'{"text":"x"}'),
    "Gemini parts in snake case": _gemini_parts(
        b'{"inline_data":{"mime_type":"image/png","data":"iVBORw0KGgo="}}'
    ),
    "thoughts": _gemini_parts(b'{"text":"x","thought":true,"thoughtSignature":"AAAA"}'),
    "Gemini parts of nothing known": _gemini_parts(_numbered(b'{"x#":{}}')),
    "function calls": _gemini_parts(b'{"functionCall":{"name":"f","args":{}}}'),
    "files": _gemini_parts(_numbered(b'{"fileData":{"fileUri":"gs://b/#"}}')),
    "safety settings": _rows(
        "gemini", b'{"contents":[{"parts":[{"text":"x"}]}],"safetySettings":[', b"]}"
    )(b'{"category":1,"threshold":1}'),
    "stop sequences": _rows(
        "gemini",
        b'{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"stopSequences":[',
        b"]}}",
    )(b'"s"'),
    "system parts": _rows(
        "gemini",
        b'{"contents":[{"parts":[{"text":"x"}]}],"systemInstruction":{"parts":[',
        b"]}}",
    )(b'{"text":"x"}'),
    "images": _edit_images(b'"%b"' % _SHORT),
    "images as objects": _edit_images(b'{"image_url":"%b"}' % _SHORT),
    "empty images": _edit_images(b"{}"),
    "remote images": _edit_images(_numbered(b'{"image_url":"https://e.example/#"}')),
    "file ids": _edit_images(_numbered(b'{"file_id":"file-#"}')),
    "bracketed images": _rows("images", b'{"model":"gpt-image-2","prompt":"x",', b"}")(
        _numbered(b'"image[#]":"%b"' % _SHORT)
    ),
    # Deep values.
    "one deep list": _chat(lambda n: b'"k%d":%b' % (n, towers(b"[", b"]", 900))),
    "deep lists": _chat(lambda n: b'"k%d":%b' % (n, towers(b"[", b"]", 90))),
    "deep objects": _chat(lambda n: b'"k%d":%b' % (n, towers(b'{"a":', b"}", 90))),
    "deep objects of Gemini": _gemini(lambda n: b'"k%d":%b' % (n, towers(b'{"aB":', b"}", 400))),
    "deeper than any reader goes": lambda size: Hostile(b"[" * size, "chat"),
    "deep in an edit": _edit(lambda n: b'"k%d":%b' % (n, towers(b"[", b"]", 900))),
    "deep objects in an edit": _edit(lambda n: b'"k%d":%b' % (n, towers(b'{"a":', b"}", 400))),
    "wide and deep in an edit": lambda size: Hostile(
        b'{"model":"gpt-image-2","prompt":"x","image":"%b","u":%b}'
        % (
            _PICTURE,
            b'{"a":' * 500
            + b"{%b}" % filled(size, _numbered(b'"k#":0'), b",")
            + b"}" * 500,
        ),
        "images",
    ),
    "lists of lists in an edit": lambda size: Hostile(
        b'{"model":"gpt-image-2","prompt":"x","image":"%b","u":[%b]}'
        % (_PICTURE, filled(size, b"[[1],[2]]", b",")),
        "images",
    ),
    "objects in an edit": _edit(_numbered(b'"u#":{"a":{"b":1}}')),
    "objects that look like files": _edit(
        _numbered(b'"u#":{"filename":"a","content_type":"b","base64":"AAAA"}')
    ),
    "long keys in an edit": _edit(lambda n: b'"%b%d":1' % (b"k" * 3000, n)),
    "brackets in the keys of an edit": _edit(_numbered(b'"a[#][]":1')),
    "a key of brackets in an edit": lambda size: Hostile(
        b'{"model":"gpt-image-2","prompt":"x","image":"%b","u%b":1}' % (_PICTURE, b"[]" * (size // 2)),
        "images",
    ),
    # Numbers.
    "one long integer": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"n":%b}' % (_PROMPT, b"9" * size), "chat"
    ),
    "one long unknown integer": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"u":%b}' % (_PROMPT, b"9" * size), "chat"
    ),
    "one long integer as text": lambda size: Hostile(
        b'{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"seed":"%b"}}' % (b"9" * size),
        "gemini",
    ),
    "long integers": _chat(lambda n: b'"k%d":%b' % (n, b"9" * 4300)),
    "long fractions": _chat(lambda n: b'"k%d":0.%b' % (n, b"9" * 400)),
    "a long size": lambda size: Hostile(
        b'{"model":"m","prompt":"x","size":"%bx1"}' % (b"9" * size), "images"
    ),
    "a long ratio": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"aspect_ratio":"%b:1"}' % (_PROMPT, b"9" * size), "chat"
    ),
    # Words.
    "escaped quotes": _prose(b'\\"'),
    "backslashes": _prose(b"\\\\"),
    "controls": _prose(b"\\u0000"),
    "surrogate pairs": _prose(b"\\ud83e\\udd8a"),
    "lone surrogates": _prose(b"\\ud83e"),
    "bare surrogates": _prose(b"\xed\xa0\x80"),
    "no UTF-8": _prose(b"\xff"),
    "byte order marks": _prose(b"\xef\xbb\xbf"),
    "byte order marks around": _around(b"\xef\xbb\xbf"),
    "white space around": _around(b" \n"),
    "base64 as prose": _prose(b"AAAA"),
    "base64 of a picture as prose": _prose(b"iVBORw0KGgoAAAAN"),
    "base64 with blanks as prose": _words(b"AAAA "),
    "markdown openings": _prose(b"![a]("),
    "markdown closings": _prose(b"]("),
    "markdown brackets": _prose(b"!["),
    "markdown pictures": _prose(b"![a](%b)" % _SHORT),
    "markdown links": _prose(_numbered(b"![a](https://e.example/#.png) ")),
    "data URIs as prose": _prose(b"data:image/png;base64,"),
    "header lines": _prose(b"\\r\\nX-Evil: 1"),
    "keys of APIs": _prose(b"sk-proj-abcdefghijklmnopqrstuvwxyz0123456789 "),
    "placeholders": _prose(_numbered(b"ImageWire0123456789abcdef0123456789abcdef000000#")),
    "a long role": lambda size: Hostile(
        b'{"model":"m","messages":[{"role":"%b","content":"x"}]}' % (b"r" * size), "chat"
    ),
    "a long model": lambda size: Hostile(
        b'{"model":"%b","messages":[%b]}' % (b"m" * size, _PROMPT), "chat"
    ),
    "a model of hyphens": lambda size: Hostile(
        b'{"model":"%b","messages":[%b]}' % (b"-" * size, _PROMPT), "chat"
    ),
    "a model of prefixes": lambda size: Hostile(
        b'{"model":"%bm","messages":[%b]}' % (b"models/" * (size // 7), _PROMPT), "chat"
    ),
    "a long quality": lambda size: Hostile(
        b'{"model":"gpt-image-2","prompt":"x","quality":"%b"}' % (b"q" * size), "images"
    ),
    # Pictures.
    "a data URI of percents": _url(b"data:image/png,", b"%%%"),
    "a data URI of escapes": _url(b"data:image/png,", b"%41"),
    "a base64 data URI of percents": _url(b"data:image/png;base64,iVBORw0KGgoA", b"%%%"),
    "a base64 data URI of escapes": _url(b"data:image/png;base64,iVBORw0KGgoA", b"%41"),
    "a data URI of blanks": _url(b"data:image/png;base64,iVBORw0KGgoA", b"AA AA"),
    "a data URI of parameters": _url(b"data:image/png", b";ab;ab"),
    "a data URI of commas": _url(b"data:image/png", b","),
    "a data URI of schemes": _url(b"data:"),
    "a data URI of one bad letter": lambda size: Hostile(
        b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url",'
        b'"image_url":{"url":"data:image/png;base64,iVBORw0KGgoA%b!"}}]}]}' % (b"AAAA" * (size // 4)),
        "chat",
    ),
    "a comma before its base64": lambda size: Hostile(
        b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":'
        b'{"url":"data:image/png;charset=a,b;base64,iVBORw0KGgoA%b"}}]}]}' % (b"AAAA" * (size // 4)),
        "chat",
    ),
    "a long URL": _url(b"https://e.example/", b"a/../"),
    "a URL of users": _url(b"https://e.example/", b"u:p@"),
    "base64 with blanks": _inline(b"iVBORw0KGgoA", b"AA AA"),
    "base64 of base64": _inline(b"aVZCT1J3MEtHZ29B"),
    "base64 in a wrong alphabet": _inline(b"iVBORw0KGgo-_w/+"),
    "unpadded base64": _inline(b"iVBORw0KGgoA", b"_A"),
    "a data URI for base64": _inline(b"data:image/png;base64,iVBORw0KGgoA", b"%41"),
    "white space for base64": _inline(b" "),
    "an SVG of blanks": _edit_image(b"data:image/svg+xml,", b"%20"),
    "payloads to cut": _parts(
        b'{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoA%b"}}'
        % (b"AAAA" * 1100)
    ),
    # Forms.
    "form fields": _form(_numbered(field(b"f#"))),
    "form fields of one name": _form(field(b"tags[]")),
    "form fields of no name": _form(field(b"")),
    "form fields twice": _form(field(b"n", b"1")),
    "form images": _form(field(b"image[]", _PNG, _FILE)),
    "numbered form images": _form(_numbered(field(b"image[#]", _PNG, _FILE))),
    "form images falling": _form(lambda n: field(b"image[%d]" % (999_999 - n), _PNG, _FILE)),
    "form texts for images": _form(field(b"image[]", b"https://e.example/a.png")),
    "form files of unknown names": _form(_numbered(field(b"f#", _PNG, _FILE))),
    "form fields in brackets": _form(_numbered(field(b"u[#][a]"))),
    "form fields a thousand deep": _form(lambda n: field(b"u%d" % n + b"[a]" * 1000)),
    "form lists a thousand deep": _form(lambda n: field(b"u%d" % n + b"[]" * 1500)),
    "form objects in one list": _form(field(b"u[][a]") + field(b"u[][b]")),
    "long part headers": _form(
        lambda n: field(b"f%d" % n, b"", b"\r\nX-A: " + b"a" * 4000)
    ),
    "many part headers": _form(lambda n: field(b"f%d" % n, b"", b"\r\nX: y" * 600)),
    "many header parameters": _form(lambda n: field(b"f%d" % n, b"", b"; a=b" * 800)),
    "open quotes in headers": _form(lambda n: field(b"f%d" % n, b"", b'; a="' * 800)),
    "one endless header": lambda size: Hostile(
        b'--xyz\r\nContent-Disposition: form-data; name="' + b"a" * size, "images", FORM
    ),
    "a preamble": lambda size: Hostile(
        b"x" * size + b"\r\n" + _FORM_HEAD + _FORM_TAIL, "images", FORM
    ),
    "an epilogue": lambda size: Hostile(_FORM_HEAD + _FORM_TAIL + b"x" * size, "images", FORM),
    "line ends in a file": _boundary("xyz", b"\r\n"),
    "almost delimiters in a file": _boundary("xyz", b"\r\n--xy"),
    "hyphens in a file": _boundary("-" * 60, b"-"),
    "a long prompt in a form": lambda size: Hostile(
        field(b"model", b"gpt-image-2") + field(b"prompt", b"x" * size) + _FORM_TAIL, "images", FORM
    ),
    "chained boundaries": _chained_boundaries,
    "a content type of boundaries": _content_type("multipart/form-data", "; boundary=xyz"),
    "a content type of parameters": _content_type("multipart/form-data; boundary=xyz", "; a=b"),
    "a content type of quotes": _content_type('multipart/form-data; boundary="xyz', '\\"', '"'),
    "a content type of blanks": _content_type("multipart/form-data", " ", "; boundary=xyz"),
    "a content type of continuations": _content_type(
        "multipart/form-data", "; boundary*0=x; boundary*1=yz"
    ),
}

_choices = _rows("chat", b'{"id":"i","created":1,"choices":[', b"]}")
_answer = _rows("chat", b'{"id":"i","choices":[{"message":{"content":[', b"]}}]}")
_chat_reply = _rows("chat", b'{"choices":[{"message":{"content":"x"}}],', b"}")
_candidates = _rows("gemini", b'{"candidates":[', b"]}")
_reply_parts = _rows("gemini", b'{"candidates":[{"content":{"parts":[', b'{"text":"x"}]}}]}', b"")
_gemini_reply = _rows("gemini", b'{"candidates":[{"content":{"parts":[{"text":"x"}]}}],', b"}")
_usage = _rows(
    "gemini", b'{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":{', b"}}"
)
_details = _rows(
    "gemini",
    b'{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":{"promptTokensDetails":[',
    b"]}}",
)
_data = _rows("images", b'{"created":1,"data":[', b"]}")
_images_reply = _rows("images", b'{"created":1,"data":[{"b64_json":"%b"}],' % hub.PNG.encode(), b"}")

REPLIES: dict[str, Shape] = {
    "choices": _choices(b'{"message":{"content":"x"}}'),
    "empty choices": _choices(b"{}"),
    "choices with pictures": _choices(
        b'{"message":{"content":"","images":[{"image_url":{"url":"%b"}}]}}' % _SHORT
    ),
    "choices with unknown keys": _choices(_numbered(b'{"k#":1,"message":{"content":"x"}}')),
    "choices with finish reasons": _choices(
        _numbered(b'{"finish_reason":"f#","message":{"content":"x"}}')
    ),
    "answer parts": _answer(b'{"type":"text","text":"x"}'),
    "empty answer parts": _answer(b"{}"),
    "answer pictures": _answer(b'{"type":"image_url","image_url":{"url":"%b"}}' % _SHORT),
    "tool calls": _rows(
        "chat", b'{"choices":[{"message":{"content":"x","tool_calls":[', b"]}}]}"
    )(b"{}"),
    "annotations": _rows(
        "chat", b'{"choices":[{"message":{"content":"x","annotations":[', b"]}}]}"
    )(b'{"type":"t"}'),
    "unknown keys of a chat reply": _chat_reply(_numbered(b'"k#":1')),
    "unknown usage": _rows(
        "chat", b'{"choices":[{"message":{"content":"x"}}],"usage":{', b"}}"
    )(_numbered(b'"k#_tokens":1')),
    "unknown usage details": _rows(
        "chat",
        b'{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens_details":{',
        b"}}}",
    )(_numbered(b'"k#_tokens":1')),
    "a long answer": _rows("chat", b'{"choices":[{"message":{"content":"', b'"}}]}', b"")(b'\\"'),
    "markdown in an answer": _rows(
        "chat", b'{"choices":[{"message":{"content":"', b'"}}]}', b""
    )(b"![a](%b)" % _SHORT),
    "reasoning of an answer": _rows(
        "chat", b'{"choices":[{"message":{"content":"x","reasoning":"', b'"}}]}', b""
    )(b"a "),
    "reasoning details": _rows(
        "chat", b'{"choices":[{"message":{"content":"x","reasoning_details":[', b"]}}]}"
    )(b'{"type":"reasoning.text","text":"a"}'),
    "a long id": _rows("chat", b'{"choices":[{"message":{"content":"x"}}],"id":"', b'"}', b"")(b"i"),
    "candidates": _candidates(b'{"content":{"parts":[{"text":"x"}]}}'),
    "empty candidates": _candidates(b"{}"),
    "refused candidates": _candidates(b'{"finishReason":"IMAGE_SAFETY"}'),
    "candidates with unknown keys": _candidates(
        _numbered(b'{"k#":1,"content":{"parts":[{"text":"x"}]}}')
    ),
    "candidates with pictures": _candidates(
        b'{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]}}'
    ),
    "reply parts": _reply_parts(b'{"text":"x"},'),
    "empty reply parts": _reply_parts(b"{},"),
    "drafts": _reply_parts(
        b'{"thought":true,"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}},'
    ),
    "function calls of a reply": _reply_parts(b'{"functionCall":{"name":"f"}},'),
    "signed texts": _reply_parts(_numbered(b'{"text":"x","thoughtSignature":"A#"},')),
    "safety ratings": _rows(
        "gemini",
        b'{"candidates":[{"content":{"parts":[{"text":"x"}]},"safetyRatings":[',
        b"]}]}",
    )(b'{"category":"c","probability":"NEGLIGIBLE"}'),
    "unknown keys of a Gemini reply": _gemini_reply(_numbered(b'"k#":1')),
    "rows of usage details": _details(b'{"modality":"TEXT","tokenCount":1}'),
    "rows of usage details, each another": _details(_numbered(b'{"modality":"M#","tokenCount":1}')),
    "empty usage details": _details(b"{}"),
    "unknown usage of Gemini": _usage(_numbered(b'"k#TokenCount":1')),
    "long token counts": lambda size: Hostile(
        b'{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":'
        b'{"promptTokenCount":%b,"candidatesTokenCount":"%b"}}'
        % (b"9" * (size // 2), b"9" * (size // 2)),
        "gemini",
    ),
    "neighbouring long token counts": _usage(
        b'"promptTokenCount":%b,"candidatesTokenCount":%b' % (b"9" * 4300, b"9" * 4300)
    ),
    "entries": _data(b'{"b64_json":"iVBORw0KGgo="}'),
    "empty entries": _data(b"{}"),
    "entries by URL": _data(_numbered(b'{"url":"https://e.example/#"}')),
    "entries with prompts": _data(_numbered(b'{"b64_json":"iVBORw0KGgo=","revised_prompt":"p#"}')),
    "entries with unknown keys": _data(_numbered(b'{"b64_json":"iVBORw0KGgo=","k#":1}')),
    "an entry of blanks": _rows("images", b'{"created":1,"data":[{"b64_json":"', b'"}]}', b"")(
        b"iVBORw0KGgoA", b"AA AA"
    ),
    "an entry of escapes": _rows("images", b'{"created":1,"data":[{"b64_json":"', b'"}]}', b"")(
        b"data:image/png;base64,iVBORw0KGgoA", b"%41"
    ),
    "unknown keys of an Images reply": _images_reply(_numbered(b'"k#":1')),
    "deep keys of an Images reply": _images_reply(
        lambda n: b'"k%d":%b' % (n, towers(b"[", b"]", 900))
    ),
    "a long background": _rows(
        "images", b'{"created":1,"data":[{"b64_json":"iVBORw0KGgo="}],"background":"', b'"}', b""
    )(b"b"),
}

_openai = _rows("chat", b'{"error":{"message":"', b'","type":"t","code":"c"}}', b"")
_google = _rows("gemini", b'{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"', b'"}}', b"")
_google_details = _rows(
    "gemini", b'{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m","details":[', b"]}}"
)

FAILURES: dict[str, Shape] = {
    "a message of quotes": _openai(b'\\"'),
    "a message of controls": _openai(b"\\u0000"),
    "a message of keys": _openai(b"sk-proj-abcdefghijklmnopqrstuvwxyz0123456789 "),
    "a message of beginnings of keys": _openai(b"sk-"),
    "a message of hexadecimal": _openai(b"key 0123456789abcdef"),
    "a message of base64": _openai(b"iVBORw0KGgoA"),
    "a message of data URIs": _openai(b"data:image/png;base64,"),
    "a message of users": _openai(b"https://u:p@"),
    "a message of at signs": _openai(b"//a:"),
    "a message of bearers": _openai(b"Authorization: Bearer "),
    "a message of delays": _openai(b"try again in 1m"),
    "a message of digits": _openai(b"retry in 9", b"9"),
    "a message of units": _openai(b"try again in ", b"1h1m1s"),
    "a message in a message": _openai(b'{\\"error\\":{\\"message\\":\\"'),
    "a message of HTML": lambda size: Hostile(b"<html>" + filled(size, b"<title>x"), "chat"),
    "a message of open tags": lambda size: Hostile(filled(size, b"<"), "gemini"),
    "nothing but blanks": lambda size: Hostile(filled(size, b" \n"), "images"),
    "errors in a list": lambda size: Hostile(
        b"[" + filled(size, b'{"error":{"code":429,"message":"m"}}', b",") + b"]", "gemini"
    ),
    "unknown keys of an error": _rows("chat", b'{"error":{"message":"m",', b"}}")(
        _numbered(b'"k#":1')
    ),
    "a deep error": lambda size: Hostile(b'{"error":' * (size // 9), "chat"),
    "deep keys of an error": _rows("chat", b'{"error":{"message":"m",', b"}}")(
        lambda n: b'"k%d":%b' % (n, towers(b'{"error":', b"}", 400))
    ),
    "a Google message of delays": _google(b"Please retry in 1.5s. "),
    "details": _google_details(b'{"@type":"type.googleapis.com/google.rpc.RetryInfo"}'),
    "empty details": _google_details(b"{}"),
    "details of violations": _google_details(
        b'{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"PerDay"}]}'
    ),
    "one detail of violations": lambda size: Hostile(
        b'{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"m","details":[{"@type":'
        b'"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[%b]}]}}'
        % filled(size, b'{"field":"f"}', b","),
        "gemini",
    ),
    "a long retry delay": lambda size: Hostile(
        b'{"error":{"code":429,"message":"m","details":[{"@type":'
        b'"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"%bs"}]}}' % (b"9" * size),
        "gemini",
    ),
    "a long param": _rows("images", b'{"error":{"message":"m","param":"', b'"}}', b"")(b"p."),
    "a long code": _rows("images", b'{"error":{"message":"m","code":"', b'"}}', b"")(b"c_"),
    "a numeric code": lambda size: Hostile(
        b'{"error":{"message":"m","code":%b}}' % (b"9" * size), "images"
    ),
}

TABLES: dict[Kind, dict[str, Shape]] = {"request": REQUESTS, "reply": REPLIES, "failure": FAILURES}

#: The defaults, and what makes a translation look at most of its body.
OPTIONS = (
    imagewire.Options(),
    imagewire.Options(
        history="all",
        keep_drafts=True,
        read_markdown=True,
        chat_images="markdown",
        images_text="revised_prompt",
        remote_urls="file_uri",
        edit_body="json",
    ),
)


def translations(
    kind: Kind, hostile: Hostile, options: imagewire.Options
) -> Iterator[Callable[[], object]]:
    """A body translated in every direction."""
    body, source, content_type = hostile
    for target in imagewire.FORMATS:
        about: dict[str, Any] = {"source": source, "target": target, "options": options}
        if kind == "request":
            model = None if target == source != "gemini" else _MODELS[target]
            about.update(model=model, content_type=content_type)
            yield partial(imagewire.translate_request, body, **about)
        else:
            status = 200 if kind == "reply" else 429
            yield partial(imagewire.translate_response, body, **about, status=status)


def calls(kind: Kind, hostile: Hostile) -> Iterator[Callable[[], object]]:
    """All that a proxy may ask of a body."""
    for options in OPTIONS:
        yield from translations(kind, hostile, options)
    if kind == "request":
        body, source, content_type = hostile
        about: dict[str, Any] = {"source": source, "content_type": content_type}
        yield partial(imagewire.read_model, body, **about)
        for target in imagewire.FORMATS:
            yield partial(imagewire.remote_images, body, **about, target=target)


_MODELS = {"chat": GEMINI_MODEL, **UPSTREAM_MODELS}


def handled(call: Callable[[], Any]) -> str:
    """Do what a proxy does with a call, to its end; how it ended. Only sound errors are caught."""
    try:
        result = call()
        if isinstance(result, imagewire.TranslatedRequest | imagewire.TranslatedResponse):
            for _ in result.body:
                pass
            result.require_lossless("metadata")
    except imagewire.LossyError as error:
        ended, shown = "lossy", error
    except imagewire.TranslationError as error:
        ended, shown = "refused", error
    else:
        return "done"
    for target in imagewire.FORMATS:
        imagewire.render_error(shown, target=target)
    repr(shown)
    return ended
