"""Hostile streams of upstreams: many events of one kind, and odd framing."""

from __future__ import annotations

from hostile_bodies import SHORT, Hostile, Shape, Unit, filled, numbered

_PNG = b"iVBORw0KGgo="


def _events(source: str, unit: Unit, begins: bytes = b"", ends: bytes = b"") -> Shape:
    """Events whose data are units, between others that come once."""

    def data(number: int) -> bytes:
        return b"data: %b\n\n" % (unit if isinstance(unit, bytes) else unit(number))

    def shape(size: int) -> Hostile:
        return Hostile(_sent(begins) + filled(size, data) + _sent(ends), source, _TYPE)

    return shape


def _framed(unit: Unit, before: bytes = b"", after: bytes = b"") -> Shape:
    """A short answer of Gemini, in odd framing."""
    start = b"data: " + _piece(b'{"text":"a"}') + b"\n\n"
    end = b'data: {"candidates":[{"finishReason":"STOP"}]}\n\n'

    def shape(size: int) -> Hostile:
        return Hostile(start + before + filled(size, unit) + after + end, "gemini", _TYPE)

    return shape


def _sent(data: bytes) -> bytes:
    return b"data: %b\n\n" % data if data else b""


_TYPE = "text/event-stream"


def _piece(part: bytes, more: bytes = b"") -> bytes:
    return b'{"candidates":[{%b"content":{"parts":[%b]}}]}' % (more, part)


def _delta(delta: bytes, more: bytes = b"") -> bytes:
    return b'{"id":"i",%b"choices":[{"index":0,"delta":{%b}}]}' % (more, delta)


def _done(item: bytes) -> bytes:
    return b'{"type":"response.output_item.done","output_index":#,"item":%b}' % item


def _response(kind: bytes, more: bytes) -> bytes:
    return b'{"type":"response.%b","response":{"object":"response",%b}}' % (kind, more)


def _letters(begins: bytes) -> Unit:
    """Words of a chat, letter by letter, of which every 8000th begins what never ends."""
    return lambda n: _delta(b'"content":"%b"' % (b"a" if n % 8000 else begins))


_GEMINI_END = b'{"candidates":[{"finishReason":"STOP"}]}'
_CHAT_END = b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
_IMAGES_END = b'{"type":"image_generation.completed","b64_json":"%b"}' % _PNG
_CALL = b'{"type":"image_generation_call","id":"c#","result":"%b"}' % _PNG
_RESPONSES_END = _response(b"completed", b'"output":[%b]' % _CALL.replace(b"#", b""))
_BLOCKED = (
    b'{"type":"image_generation_call","status":"failed",'
    b'"error":{"code":"moderation_blocked","message":"m#"}}'
)
_WORDS = b'{"type":"response.output_text.delta","output_index":%b,"delta":"a"}'
_DRAFT = b'{"type":"response.image_generation_call.partial_image","partial_image_b64":"%b"}' % _PNG

STREAMS: dict[str, Shape] = {
    # Gemini.
    "pieces of words": _events("gemini", _piece(b'{"text":"a"}'), ends=_GEMINI_END),
    "pieces of nothing": _events("gemini", b"{}", ends=_GEMINI_END),
    "pieces of pictures": _events(
        "gemini",
        _piece(b'{"inlineData":{"mimeType":"image/png","data":"%b"}}' % _PNG),
        ends=_GEMINI_END,
    ),
    "pieces of drafts": _events(
        "gemini",
        _piece(b'{"thought":true,"inlineData":{"mimeType":"image/png","data":"%b"}}' % _PNG),
        ends=_GEMINI_END,
    ),
    "pieces of thoughts": _events(
        "gemini", _piece(b'{"thought":true,"text":"a"}'), ends=_GEMINI_END
    ),
    "pieces with signatures": _events(
        "gemini", numbered(_piece(b'{"text":"a","thoughtSignature":"AAAA"}')), ends=_GEMINI_END
    ),
    "pieces of many answers": _events("gemini", numbered(_piece(b'{"text":"a"}', b'"index":#,'))),
    "pieces of calls": _events(
        "gemini", numbered(_piece(b'{"functionCall":{"name":"f#"}}')), ends=_GEMINI_END
    ),
    "pieces with unknown keys": _events(
        "gemini", numbered(_piece(b'{"text":"a","k#":1}')), ends=_GEMINI_END
    ),
    "pieces with unknown keys of the reply": _events(
        "gemini", numbered(b'{"k#":1,' + _piece(b'{"text":"a"}')[1:]), ends=_GEMINI_END
    ),
    "pieces with usage": _events(
        "gemini",
        numbered(b'{"usageMetadata":{"promptTokenCount":#},' + _piece(b'{"text":"a"}')[1:]),
        ends=_GEMINI_END,
    ),
    "pieces with ends": _events("gemini", _piece(b'{"text":"a"}', b'"finishReason":"STOP",')),
    "pieces with messages": _events(
        "gemini", _piece(b'{"text":"a"}', b'"finishMessage":"%b",' % (b"m" * 90)), ends=_GEMINI_END
    ),
    "drafts of many answers": _events(
        "gemini",
        numbered(
            _piece(
                b'{"thought":true,"inlineData":{"mimeType":"image/png","data":"%b"}}' % _PNG,
                b'"index":#,',
            )
        ),
        ends=_GEMINI_END,
    ),
    "pieces that are refused": _events(
        "gemini", b'{"promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"m"}}'
    ),
    "an array of pieces": lambda size: Hostile(
        b"[%b]" % filled(size, _piece(b'{"text":"a"}'), b","), "gemini"
    ),
    # Chat.
    "chunks of words": _events("chat", _delta(b'"content":"a"'), ends=_CHAT_END),
    "chunks of nothing": _events("chat", b"{}", ends=_CHAT_END),
    "chunks of roles": _events("chat", _delta(b'"role":"assistant"'), ends=_CHAT_END),
    "chunks of pictures": _events(
        "chat", _delta(b'"images":[{"image_url":{"url":"%b"}}]' % SHORT), ends=_CHAT_END
    ),
    "chunks of many choices": _events(
        "chat", numbered(b'{"choices":[{"index":#,"delta":{"content":"a"}}]}')
    ),
    "chunks of reasoning": _events("chat", _delta(b'"reasoning":"a"'), ends=_CHAT_END),
    "chunks of calls": _events(
        "chat",
        numbered(_delta(b'"tool_calls":[{"index":#,"function":{"name":"f","arguments":"a"}}]')),
        ends=_CHAT_END,
    ),
    "chunks of refusals": _events("chat", _delta(b'"refusal":"a"'), ends=_CHAT_END),
    "chunks of long refusals": _events(
        "chat", _delta(b'"refusal":"%b"' % (b"a" * 90)), ends=_CHAT_END
    ),
    "ends with refusals": _events(
        "chat",
        b'{"choices":[{"index":0,"delta":{"refusal":"%b"},"finish_reason":"content_filter"}]}'
        % (b"a" * 90),
    ),
    "words after a picture": _events(
        "chat",
        _delta(b'"content":"%b"' % (b"a" * 90)),
        begins=_delta(b'"images":[{"image_url":{"url":"%b"}}]' % SHORT),
        ends=_CHAT_END,
    ),
    "chunks with unknown keys": _events(
        "chat", numbered(_delta(b'"content":"a","k#":1')), ends=_CHAT_END
    ),
    "chunks with unknown keys of the reply": _events(
        "chat", numbered(_delta(b'"content":"a"', b'"k#":1,')), ends=_CHAT_END
    ),
    "chunks of ids": _events(
        "chat", numbered(_delta(b'"content":"a"').replace(b'"i"', b'"i#"')), ends=_CHAT_END
    ),
    "chunks of markdown": _events("chat", _delta(b'"content":"![a]("'), ends=_CHAT_END),
    "chunks of a data URI": _events(
        "chat",
        _delta(b'"content":"AAAA"'),
        begins=_delta(b'"content":"![a](data:image/png;base64,iVBORw0KGgoA"'),
        ends=_CHAT_END,
    ),
    "chunks of beginnings": _events("chat", _delta(b'"content":"!["'), ends=_CHAT_END),
    "chunks of alt texts": _events("chat", _letters(b"!["), ends=_CHAT_END),
    "chunks of addresses": _events("chat", _letters(b"![](https://"), ends=_CHAT_END),
    "chunks of heads": _events("chat", _letters(b"![](data:"), ends=_CHAT_END),
    "chunks of a long data URI": _events(
        "chat",
        _delta(b'"content":"AAAA"'),
        begins=_delta(b'"content":"data:image/png;base64,iVBORw0KGgoA%b"' % (b"A" * 2**14)),
        ends=_CHAT_END,
    ),
    "chunks of odd data": _events(
        "chat",
        _delta(b'"content":"]"'),
        begins=_delta(b'"content":"![](data:image/svg+xml,%b"' % (b"<" * 2**14)),
        ends=_CHAT_END,
    ),
    "chunks of data that are none": _events(
        "chat", _delta(b'"content":"![](data:image/png;base64,AA*A)"'), ends=_CHAT_END
    ),
    "chunks of gaps": _events("chat", _delta(b'"content":"![](https://a.b)\\n"'), ends=_CHAT_END),
    "beginnings in many choices": _events(
        "chat", numbered(b'{"choices":[{"index":#,"delta":{"content":"!["}}]}')
    ),
    "pieces of markdown": _events("gemini", _piece(b'{"text":"![a]("}'), ends=_GEMINI_END),
    "pieces of large data": _events(
        "gemini",
        _piece(b'{"text":"%b"}' % (b"A" * 2**16)),
        begins=_piece(b'{"text":"![](data:image/png;base64,iVBORw0KGgoA"}'),
        ends=_GEMINI_END,
    ),
    # Images.
    "partial pictures": _events(
        "images",
        numbered(
            b'{"type":"image_generation.partial_image","partial_image_index":#,"b64_json":"%b"}'
            % _PNG
        ),
        ends=_IMAGES_END,
    ),
    "finished pictures": _events("images", _IMAGES_END),
    "finished pictures with unknown keys": _events(
        "images",
        numbered(b'{"type":"image_generation.completed","b64_json":"%b","k#":1}' % _PNG),
    ),
    "failed pictures": _events(
        "images",
        numbered(b'{"type":"image_generation.partial_failed","error":{"code":"c#","message":"m"}}'),
        ends=_IMAGES_END,
    ),
    "events of no type": _events("images", b"{}", ends=_IMAGES_END),
    # Responses.
    "deltas": _events("responses", _WORDS % b"0", ends=_RESPONSES_END),
    "deltas of many items": _events("responses", numbered(_WORDS % b"#"), ends=_RESPONSES_END),
    "items that are done": _events(
        "responses",
        numbered(_done(b'{"role":"assistant","content":[{"type":"output_text","text":"a"}]}')),
        ends=_RESPONSES_END,
    ),
    "items without ends": _events(
        "responses",
        numbered(_done(b'{"role":"assistant","content":[{"type":"output_text","text":"a"}]}')),
    ),
    "one item again and again": _events(
        "responses", _done(_CALL).replace(b"#", b"0"), ends=_RESPONSES_END
    ),
    "calls that are done": _events("responses", numbered(_done(_CALL)), ends=_RESPONSES_END),
    "calls with unknown keys that are done": _events(
        "responses", numbered(_done(_CALL[:-1] + b',"k#":1}')), ends=_RESPONSES_END
    ),
    "calls that are refused": _events("responses", numbered(_done(_BLOCKED)), ends=_RESPONSES_END),
    "messages that refuse": _events(
        "responses",
        numbered(_done(b'{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}')),
        ends=_RESPONSES_END,
    ),
    "reasoning that is done": _events(
        "responses", numbered(_done(b'{"type":"reasoning","id":"r#"}')), ends=_RESPONSES_END
    ),
    "functions that are done": _events(
        "responses", numbered(_done(b'{"type":"function_call","name":"f"}')), ends=_RESPONSES_END
    ),
    "items from far": _events(
        "responses",
        lambda n: _done(b'{"type":"reasoning","id":"r"}').replace(b"#", b"%d" % (999_999 - n)),
        ends=_RESPONSES_END,
    ),
    "drafts of a response": _events("responses", _DRAFT, ends=_RESPONSES_END),
    "responses in the making": _events(
        "responses",
        numbered(_response(b"in_progress", b'"k#":1,"output":[]')),
        ends=_RESPONSES_END,
    ),
    "responses that are completed": _events("responses", _RESPONSES_END),
    "a response at the end": lambda size: _events(
        "responses",
        _WORDS % b"0",
        ends=_response(
            b"completed",
            b'"output":[%b]' % filled(size, numbered(b'{"type":"reasoning","id":"r#"}'), b","),
        ),
    )(1),
    "events of unknown types": _events(
        "responses", numbered(b'{"type":"response.t#"}'), ends=_RESPONSES_END
    ),
    "events with unknown keys": _events(
        "responses",
        numbered(b'{"type":"response.output_text.delta","delta":"a","k#":1}'),
        ends=_RESPONSES_END,
    ),
    # Framing.
    "blank lines": _framed(b"\n"),
    "blank lines at first": lambda size: Hostile(
        filled(size, b"\r\n") + b"data: " + _piece(b'{"text":"a"}'), "gemini", _TYPE
    ),
    "carriage returns": _framed(b"\r"),
    "comments": _framed(b": x\n"),
    "one endless comment": _framed(b"x", b": ", b"\n"),
    "names of events": _framed(b"event: x\n"),
    "one endless name": _framed(b"x", b"event: ", b"\n\n"),
    "empty data": _framed(b"data:\n"),
    "data of many lines": _framed(b"data: \n", b'data: {"a":\ndata: 1\n', b"data: }\n\n"),
    "data without a field": _framed(b"1,\n", b'{"a":[\n', b"1]}\n\n"),
    "one endless event": _framed(b"x", b"data: "),
    "ends of a stream": _framed(b"data: [DONE]\n\n"),
    "errors without a field": _framed(b'{"error":{"code":429,"message":"m"}}\n\n'),
}
