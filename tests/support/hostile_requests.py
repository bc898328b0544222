"""Hostile requests in JSON, by what is much in them."""

from __future__ import annotations

import hub
from hostile_bodies import SHORT, Hostile, Shape, filled, numbered, rows, tower

_PICTURE = hub.PNG_URI.encode()
_PROMPT = b'{"role":"user","content":"a fox"}'

_chat = rows("chat", b'{"model":"m","messages":[' + _PROMPT + b"],", b"}")
_messages = rows("chat", b'{"model":"m","messages":[', b"," + _PROMPT + b"]}")
_parts = rows("chat", b'{"model":"m","messages":[{"role":"user","content":[', b"]}]}")
_prose = rows("chat", b'{"model":"m","messages":[{"role":"user","content":"', b'"}]}', b"")
_url = rows(
    "chat",
    b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"',
    b'"}}]}]}',
    b"",
)
_gemini = rows("gemini", b'{"contents":[{"parts":[{"text":"a fox"}]}],', b"}")
_contents = rows("gemini", b'{"contents":[', b',{"parts":[{"text":"a fox"}]}]}')
_gemini_parts = rows("gemini", b'{"contents":[{"parts":[', b"]}]}")
_words = rows("gemini", b'{"contents":[{"parts":[{"text":"', b'"}]}]}', b"")
_inline = rows(
    "gemini",
    b'{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"',
    b'"}}]}]}',
    b"",
)
_edit = rows("images", b'{"model":"gpt-image-2","prompt":"x","image":"%b",' % _PICTURE, b"}")
_edit_images = rows("images", b'{"model":"gpt-image-2","prompt":"x","images":[', b"]}")
_edit_image = rows("images", b'{"model":"gpt-image-2","prompt":"x","image":"', b'"}', b"")


def _around(unit: bytes) -> Shape:
    """A small body between much of something."""
    small = b'{"model":"m","messages":[' + _PROMPT + b"]}"
    return lambda size: Hostile(small.join([filled(size // 2, unit)] * 2), "chat")


REQUESTS: dict[str, Shape] = {
    # Unknown fields.
    "unknown keys": _chat(numbered(b'"k#":1')),
    "unknown keys of one letter and more": _chat(numbered(b'"#":0')),
    "unknown keys of a message": _messages(lambda n: b'{"role":"user","content":"x","k%d":1}' % n),
    "unknown keys of one part": rows(
        "chat",
        b'{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x",',
        b"}]}]}",
    )(numbered(b'"k#":1')),
    "unknown keys of each part": _parts(numbered(b'{"type":"text","text":"x","k#":1}')),
    "unknown keys in two spellings": _gemini(numbered(b'"aB#":1,"a_b#":1')),
    "unknown keys of Gemini": _gemini(numbered(b'"k#":1')),
    "unknown keys with underscores": _gemini(lambda n: b'"%b%d":1' % (b"_a" * 40, n)),
    "one unknown key": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"%b":1}' % (_PROMPT, b"k" * size), "chat"
    ),
    "one unknown key of underscores": lambda size: Hostile(
        b'{"contents":[{"parts":[{"text":"x"}]}],"%b":1}' % (b"_a" * (size // 2)), "gemini"
    ),
    "unknown values": _chat(numbered(b'"k#":{"a":[{"b":"c"}]}')),
    "one unknown list": lambda size: Hostile(
        b'{"model":"m","messages":[%b],"u":[%b]}' % (_PROMPT, filled(size, b"0", b",")), "chat"
    ),
    "duplicate keys": _chat(b'"n":1'),
    "duplicate unknown keys": _chat(b'"u":1'),
    "duplicate messages": lambda size: Hostile(
        b'{"model":"m",%b}' % filled(size, b'"messages":[' + _PROMPT + b"]", b","), "chat"
    ),
    "unknown pictures": _chat(numbered(b'"k#":"%b"' % SHORT)),
    "an extra_body": rows(
        "chat", b'{"model":"m","messages":[%b],"extra_body":{"google":{' % _PROMPT, b"}}}"
    )(numbered(b'"k#":{"k":0}')),
    # Many of something small.
    "empty messages": _messages(b"{}"),
    "null messages": _messages(b"null"),
    "messages": _messages(_PROMPT),
    "turns": _messages(b'{"role":"assistant","content":"a"},{"role":"user","content":"b"}'),
    "system messages": _messages(b'{"role":"system","content":"a"}'),
    "tool messages": _messages(
        numbered(
            b'{"role":"assistant","content":null,"tool_calls":[{"id":"c#","type":"function",'
            b'"function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c#","content":""}'
        )
    ),
    "reasoning": _messages(b'{"role":"assistant","content":"a","reasoning":"b"}'),
    "signatures": _messages(
        b'{"role":"assistant","content":"a","extra_content":{"google":{"thought_signature":"AAAA"}}}'
    ),
    "assistant pictures": _messages(
        b'{"role":"assistant","content":"","images":[{"image_url":{"url":"%b"}}]}' % SHORT
    ),
    "empty parts": _parts(b"{}"),
    "parts": _parts(b'{"type":"text","text":"x"}'),
    "parts of no text": _parts(b'{"type":"text","text":""}'),
    "foreign parts": _parts(b'{"type":"input_audio","input_audio":{}}'),
    "parts of types": _parts(numbered(b'{"type":"t#"}')),
    "pictures": _parts(b'{"type":"image_url","image_url":{"url":"%b"}}' % SHORT),
    "remote pictures": _parts(
        numbered(b'{"type":"image_url","image_url":{"url":"https://e.example/#"}}')
    ),
    "wrongly declared pictures": _parts(
        b'{"type":"image_url","image_url":{"url":"data:image/gif;base64,iVBORw0KGgo="}}'
    ),
    "pictures and texts in turn": _parts(
        b'{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"%b"}}' % SHORT
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
    "Gemini parts of nothing known": _gemini_parts(numbered(b'{"x#":{}}')),
    "function calls": _gemini_parts(b'{"functionCall":{"name":"f","args":{}}}'),
    "files": _gemini_parts(numbered(b'{"fileData":{"fileUri":"gs://b/#"}}')),
    "safety settings": rows(
        "gemini", b'{"contents":[{"parts":[{"text":"x"}]}],"safetySettings":[', b"]}"
    )(b'{"category":1,"threshold":1}'),
    "stop sequences": rows(
        "gemini",
        b'{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"stopSequences":[',
        b"]}}",
    )(b'"s"'),
    "system parts": rows(
        "gemini",
        b'{"contents":[{"parts":[{"text":"x"}]}],"systemInstruction":{"parts":[',
        b"]}}",
    )(b'{"text":"x"}'),
    "images": _edit_images(b'"%b"' % SHORT),
    "images as objects": _edit_images(b'{"image_url":"%b"}' % SHORT),
    "empty images": _edit_images(b"{}"),
    "remote images": _edit_images(numbered(b'{"image_url":"https://e.example/#"}')),
    "file ids": _edit_images(numbered(b'{"file_id":"file-#"}')),
    "bracketed images": rows("images", b'{"model":"gpt-image-2","prompt":"x",', b"}")(
        numbered(b'"image[#]":"%b"' % SHORT)
    ),
    # Deep values.
    "one deep list": _chat(lambda n: b'"k%d":%b' % (n, tower(b"[", b"]", 900))),
    "deep lists": _chat(lambda n: b'"k%d":%b' % (n, tower(b"[", b"]", 90))),
    "deep objects": _chat(lambda n: b'"k%d":%b' % (n, tower(b'{"a":', b"}", 90))),
    "deep objects of Gemini": _gemini(lambda n: b'"k%d":%b' % (n, tower(b'{"aB":', b"}", 400))),
    "deeper than any reader goes": lambda size: Hostile(b"[" * size, "chat"),
    "deep in an edit": _edit(lambda n: b'"k%d":%b' % (n, tower(b"[", b"]", 900))),
    "deep objects in an edit": _edit(lambda n: b'"k%d":%b' % (n, tower(b'{"a":', b"}", 400))),
    "wide and deep in an edit": lambda size: Hostile(
        b'{"model":"gpt-image-2","prompt":"x","image":"%b","u":%b}'
        % (
            _PICTURE,
            b'{"a":' * 500 + b"{%b}" % filled(size, numbered(b'"k#":0'), b",") + b"}" * 500,
        ),
        "images",
    ),
    "lists of lists in an edit": lambda size: Hostile(
        b'{"model":"gpt-image-2","prompt":"x","image":"%b","u":[%b]}'
        % (_PICTURE, filled(size, b"[[1],[2]]", b",")),
        "images",
    ),
    "objects in an edit": _edit(numbered(b'"u#":{"a":{"b":1}}')),
    "objects that look like files": _edit(
        numbered(b'"u#":{"filename":"a","content_type":"b","base64":"AAAA"}')
    ),
    "long keys in an edit": _edit(lambda n: b'"%b%d":1' % (b"k" * 3000, n)),
    "brackets in the keys of an edit": _edit(numbered(b'"a[#][]":1')),
    "a key of brackets in an edit": lambda size: Hostile(
        b'{"model":"gpt-image-2","prompt":"x","image":"%b","u%b":1}'
        % (_PICTURE, b"[]" * (size // 2)),
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
    "markdown pictures": _prose(b"![a](%b)" % SHORT),
    "markdown links": _prose(numbered(b"![a](https://e.example/#.png) ")),
    "data URIs as prose": _prose(b"data:image/png;base64,"),
    "header lines": _prose(b"\\r\\nX-Evil: 1"),
    "keys of APIs": _prose(b"sk-proj-abcdefghijklmnopqrstuvwxyz0123456789 "),
    "placeholders": _prose(numbered(b"ImageWire0123456789abcdef0123456789abcdef000000#")),
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
    "a data URI of percents": _url(b"%%%", b"data:image/png,"),
    "a data URI of escapes": _url(b"%41", b"data:image/png,"),
    "a base64 data URI of percents": _url(b"%%%", b"data:image/png;base64,iVBORw0KGgoA"),
    "a base64 data URI of escapes": _url(b"%41", b"data:image/png;base64,iVBORw0KGgoA"),
    "a data URI of blanks": _url(b"AA AA", b"data:image/png;base64,iVBORw0KGgoA"),
    "a data URI of parameters": _url(b";ab;ab", b"data:image/png"),
    "a data URI of commas": _url(b",", b"data:image/png"),
    "a data URI of schemes": _url(b"data:"),
    "a data URI of one bad letter": lambda size: Hostile(
        b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url",'
        b'"image_url":{"url":"data:image/png;base64,iVBORw0KGgoA%b!"}}]}]}'
        % (b"AAAA" * (size // 4)),
        "chat",
    ),
    "a comma before its base64": lambda size: Hostile(
        b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":'
        b'{"url":"data:image/png;charset=a,b;base64,iVBORw0KGgoA%b"}}]}]}'
        % (b"AAAA" * (size // 4)),
        "chat",
    ),
    "a long URL": _url(b"a/../", b"https://e.example/"),
    "a URL of users": _url(b"u:p@", b"https://e.example/"),
    "base64 with blanks": _inline(b"AA AA", b"iVBORw0KGgoA"),
    "base64 of base64": _inline(b"aVZCT1J3MEtHZ29B"),
    "base64 in a wrong alphabet": _inline(b"iVBORw0KGgo-_w/+"),
    "unpadded base64": _inline(b"_A", b"iVBORw0KGgoA"),
    "a data URI for base64": _inline(b"%41", b"data:image/png;base64,iVBORw0KGgoA"),
    "white space for base64": _inline(b" "),
    "an SVG of blanks": _edit_image(b"%20", b"data:image/svg+xml,"),
    "payloads to cut": _parts(
        b'{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoA%b"}}'
        % (b"AAAA" * 1100)
    ),
}
