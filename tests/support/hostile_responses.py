"""Hostile requests and replies of the Responses API, by what is much in them."""

from __future__ import annotations

from hostile_bodies import SHORT, Hostile, Shape, numbered, rows, tower

_TOOLS = b'"tools":[{"type":"image_generation"}]'
_HEAD = b'{"model":"gpt-6.1",%b,' % _TOOLS
_FOX = b'{"role":"user","content":"a fox"}'
_SAID = b'{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]}'
_CALL = b'{"type":"image_generation_call","id":"c","status":"completed","result":"iVBORw0KGgo="}'
_BLOCKED = (
    b'{"type":"image_generation_call","id":"c#","status":"failed","error":{"type":'
    b'"image_generation_user_error","code":"moderation_blocked","message":"m#"}}'
)
_REASONING = b'{"type":"reasoning","id":"r#","summary":[]}'

_request = rows("responses", _HEAD + b'"input":"a fox",', b"}")
_items = rows("responses", _HEAD + b'"input":[', b"," + _FOX + b"]}")
_parts = rows("responses", _HEAD + b'"input":[{"role":"user","content":[', b"]}]}")
_spoken = rows(
    "responses",
    _HEAD + b'"input":[{"role":"assistant","content":[',
    b"]}," + _FOX + b"]}",
)
_tool = rows(
    "responses",
    b'{"model":"gpt-6.1","input":"a fox","tools":[{"type":"image_generation",',
    b"}]}",
)
_prose = rows("responses", _HEAD + b'"input":"', b'"}', b"")

RESPONSES_REQUESTS: dict[str, Shape] = {
    "items": _items(_FOX),
    "items of nothing": _items(b"{}"),
    "items of null": _items(b"null"),
    "items in turn": _items(b'{"role":"assistant","content":"a"},' + _FOX),
    "items of no content": _items(b'{"role":"user","content":[]}'),
    "system items": _items(b'{"role":"system","content":"a"}'),
    "system items between others": _items(b'{"role":"developer","content":"a"},' + _FOX),
    "system items of parts": _items(
        b'{"role":"system","content":[{"type":"input_text","text":"a"},'
        b'{"type":"input_text","text":"b"}]}'
    ),
    "items with ids": _items(
        numbered(b'{"type":"message","id":"m#","status":"completed","role":"user","content":"x"}')
    ),
    "items with unknown keys": _items(numbered(b'{"role":"user","content":"x","k#":1}')),
    "unknown keys of one item": rows(
        "responses", _HEAD + b'"input":[{"role":"user","content":"x",', b"}]}"
    )(numbered(b'"k#":1')),
    "calls of pictures": _items(_CALL),
    "calls of pictures with ids": _items(
        numbered(b'{"type":"image_generation_call","id":"c#","result":"iVBORw0KGgo="}')
    ),
    "calls with unknown keys": _items(
        numbered(b'{"type":"image_generation_call","result":"iVBORw0KGgo=","k#":1}')
    ),
    "failed calls": _items(numbered(_BLOCKED)),
    "calls without results": _items(b'{"type":"image_generation_call","id":"c"}'),
    "a call of blanks": rows(
        "responses",
        _HEAD + b'"input":[{"type":"image_generation_call","id":"c","result":"',
        b'"},' + _FOX + b"]}",
        b"",
    )(b"AA AA", b"iVBORw0KGgoA"),
    "calls of functions": _items(
        numbered(
            b'{"type":"function_call","call_id":"c#","name":"f","arguments":"{}"},'
            b'{"type":"function_call_output","call_id":"c#","output":"x"}'
        )
    ),
    "items of types": _items(numbered(b'{"type":"t#"}')),
    "deep items": _items(lambda n: b'{"type":"t","k%d":%b}' % (n, tower(b"[", b"]", 90))),
    "reasoning items": _items(b'{"type":"reasoning","summary":[{"type":"s","text":"a"}]}'),
    "reasoning without words": _items(numbered(_REASONING)),
    "reasoning and words in turn": _items(numbered(_REASONING + b"," + _SAID)),
    "one reasoning item": rows(
        "responses",
        _HEAD + b'"input":[{"type":"reasoning","summary":[',
        b"]}," + _FOX + b"]}",
    )(b'{"type":"s","text":"a"}'),
    "input parts": _parts(b'{"type":"input_text","text":"x"}'),
    "input parts of nothing": _parts(b"{}"),
    "input parts of no text": _parts(b'{"type":"input_text","text":""}'),
    "input parts of types": _parts(numbered(b'{"type":"t#"}')),
    "input parts with unknown keys": _parts(numbered(b'{"type":"input_text","text":"x","k#":1}')),
    "input files": _parts(numbered(b'{"type":"input_file","file_id":"f#"}')),
    "input images": _parts(b'{"type":"input_image","image_url":"%b"}' % SHORT),
    "input images with details": _parts(
        b'{"type":"input_image","image_url":"%b","detail":"low"}' % SHORT
    ),
    "input images and texts in turn": _parts(
        b'{"type":"input_text","text":"x"},{"type":"input_image","image_url":"%b"}' % SHORT
    ),
    "input images wrongly declared": _parts(
        b'{"type":"input_image","image_url":"data:image/gif;base64,iVBORw0KGgo="}'
    ),
    "remote input images": _parts(
        numbered(b'{"type":"input_image","image_url":"https://e.example/#"}')
    ),
    "input images by id": _parts(numbered(b'{"type":"input_image","file_id":"file-#"}')),
    "parts of the model": _spoken(b'{"type":"output_text","text":"x"}'),
    "refusals of the model": _spoken(b'{"type":"refusal","refusal":"x"}'),
    "annotations of the model": rows(
        "responses",
        _HEAD + b'"input":[{"role":"assistant","content":[{"type":"output_text","text":"x",'
        b'"annotations":[',
        b"]}]}," + _FOX + b"]}",
    )(b'{"type":"t"}'),
    "unknown keys of Responses": _request(numbered(b'"k#":1')),
    "unknown pictures of Responses": _request(numbered(b'"k#":"%b"' % SHORT)),
    "deep keys of Responses": _request(lambda n: b'"k%d":%b' % (n, tower(b'{"a":', b"}", 400))),
    "metadata of Responses": rows("responses", _HEAD + b'"input":"a fox","metadata":{', b"}}")(
        numbered(b'"k#":"x"')
    ),
    "tools": rows("responses", b'{"model":"gpt-6.1","input":"a fox","tools":[', b"]}")(
        b'{"type":"image_generation"}'
    ),
    "unknown keys of a tool": _tool(numbered(b'"k#":1')),
    "a mask of escapes": rows(
        "responses",
        b'{"model":"gpt-6.1","input":[{"role":"user","content":[{"type":"input_text","text":"x"},'
        b'{"type":"input_image","image_url":"%b"}]}],"tools":[{"type":"image_generation",'
        b'"input_image_mask":{"image_url":"' % SHORT,
        b'"}}]}',
        b"",
    )(b"%41", b"data:image/png;base64,iVBORw0KGgoA"),
    "a long input": _prose(b"x"),
    "an input of quotes": _prose(b'\\"'),
    "long instructions": rows("responses", _HEAD + b'"input":"a fox","instructions":"', b'"}', b"")(
        b"x "
    ),
    "a long mainline model": lambda size: Hostile(
        b'{"model":"%b",%b,"input":"a fox"}' % (b"m" * size, _TOOLS), "responses"
    ),
}

_output = rows("responses", b'{"id":"i","object":"response","status":"completed","output":[', b"]}")
_pictured = rows(
    "responses",
    b'{"id":"i","object":"response","status":"completed","output":[%b,' % _CALL,
    b"]}",
)
_reply = rows("responses", b'{"object":"response","output":[%b],' % _CALL, b"}")
_tool_usage = rows(
    "responses", b'{"object":"response","output":[%b],"tool_usage":{"image_gen":{' % _CALL, b"}}}"
)

RESPONSES_REPLIES: dict[str, Shape] = {
    "output messages": _output(_SAID),
    "output messages with ids": _output(
        numbered(b'{"id":"m#","role":"assistant","content":[{"type":"output_text","text":"x#"}]}')
    ),
    "output items of nothing": _output(b"{}"),
    "output items of types": _output(numbered(b'{"type":"t#"}')),
    "output items with unknown keys": _output(
        numbered(b'{"k#":1,"role":"assistant","content":"x"}')
    ),
    "output parts": rows(
        "responses", b'{"object":"response","output":[{"role":"assistant","content":[', b"]}]}"
    )(b'{"type":"output_text","text":"x"}'),
    "output annotations": rows(
        "responses",
        b'{"object":"response","output":[{"role":"assistant","content":[{"type":"output_text",'
        b'"text":"x","annotations":[',
        b"]}]}]}",
    )(b'{"type":"t"}'),
    "output calls": _output(_CALL),
    "output calls with ids": _output(
        numbered(
            b'{"type":"image_generation_call","id":"c#","result":"iVBORw0KGgo=","size":"#x#",'
            b'"quality":"q#"}'
        )
    ),
    "output calls with prompts": _output(
        numbered(b'{"type":"image_generation_call","result":"iVBORw0KGgo=","revised_prompt":"p#"}')
    ),
    "output calls with unknown keys": _output(
        numbered(b'{"type":"image_generation_call","result":"iVBORw0KGgo=","k#":1}')
    ),
    "spoiled output calls": _pictured(b'{"type":"image_generation_call","result":"!"}'),
    "refused output calls": _output(numbered(_BLOCKED)),
    "refused output calls beside a picture": _pictured(numbered(_BLOCKED)),
    "refusing output messages": _output(
        numbered(b'{"id":"m#","role":"assistant","content":[{"type":"refusal","refusal":"no"}]}')
    ),
    "refusing output parts": rows(
        "responses", b'{"object":"response","output":[{"role":"assistant","content":[', b"]}]}"
    )(b'{"type":"refusal","refusal":"no"}'),
    "output reasoning": _output(b'{"type":"reasoning","summary":[{"type":"s","text":"a"}]}'),
    "output reasoning without words": _output(numbered(_REASONING)),
    "output reasoning beside a picture": _pictured(numbered(_REASONING)),
    "output calls of functions": _output(
        numbered(b'{"type":"function_call","call_id":"c#","name":"f","arguments":"{}"}')
    ),
    "deep output items": _output(
        lambda n: b'{"type":"t","k%d":%b' % (n, tower(b"[", b"]", 90)) + b"}"
    ),
    "an output call of blanks": rows(
        "responses", b'{"output":[{"type":"image_generation_call","result":"', b'"}]}', b""
    )(b"AA AA", b"iVBORw0KGgoA"),
    "a long output text": rows(
        "responses",
        b'{"output":[{"role":"assistant","content":[{"type":"output_text","text":"',
        b'"}]}]}',
        b"",
    )(b'\\"'),
    "unknown keys of a Responses reply": _reply(numbered(b'"k#":1')),
    "deep keys of a Responses reply": _reply(lambda n: b'"k%d":%b' % (n, tower(b"[", b"]", 500))),
    "tools of a reply": rows("responses", b'{"output":[%b],"tools":[' % _CALL, b"]}")(
        numbered(b'{"type":"image_generation","model":"m#"}')
    ),
    "unknown usage of a tool": _tool_usage(numbered(b'"k#_tokens":1')),
    "a failed response": rows(
        "responses",
        b'{"object":"response","status":"failed","error":{"code":"server_error","message":"m"},'
        b'"output":[',
        b"]}",
    )(numbered(_BLOCKED)),
    "an incomplete response": rows(
        "responses",
        b'{"object":"response","status":"incomplete","incomplete_details":{"reason":"steered"},'
        b'"output":[',
        b"]}",
    )(numbered(_REASONING)),
}
