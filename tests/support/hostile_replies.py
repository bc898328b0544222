"""Hostile replies of upstreams, successes and failures."""

from __future__ import annotations

import hub
from hostile_bodies import SHORT, Hostile, Shape, filled, numbered, rows, tower

_choices = rows("chat", b'{"id":"i","created":1,"choices":[', b"]}")
_answer = rows("chat", b'{"id":"i","choices":[{"message":{"content":[', b"]}}]}")
_chat_reply = rows("chat", b'{"choices":[{"message":{"content":"x"}}],', b"}")
_candidates = rows("gemini", b'{"candidates":[', b"]}")
_reply_parts = rows("gemini", b'{"candidates":[{"content":{"parts":[', b'{"text":"x"}]}}]}', b"")
_gemini_reply = rows("gemini", b'{"candidates":[{"content":{"parts":[{"text":"x"}]}}],', b"}")
_usage = rows(
    "gemini", b'{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":{', b"}}"
)
_details = rows(
    "gemini",
    b'{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":{"promptTokensDetails":[',
    b"]}}",
)
_data = rows("images", b'{"created":1,"data":[', b"]}")
_images_reply = rows("images", b'{"created":1,"data":[{"b64_json":"%b"}],' % hub.PNG.encode(), b"}")

REPLIES: dict[str, Shape] = {
    "choices": _choices(b'{"message":{"content":"x"}}'),
    "empty choices": _choices(b"{}"),
    "choices with pictures": _choices(
        b'{"message":{"content":"","images":[{"image_url":{"url":"%b"}}]}}' % SHORT
    ),
    "choices with unknown keys": _choices(numbered(b'{"k#":1,"message":{"content":"x"}}')),
    "choices with finish reasons": _choices(
        numbered(b'{"finish_reason":"f#","message":{"content":"x"}}')
    ),
    "answer parts": _answer(b'{"type":"text","text":"x"}'),
    "empty answer parts": _answer(b"{}"),
    "answer pictures": _answer(b'{"type":"image_url","image_url":{"url":"%b"}}' % SHORT),
    "tool calls": rows("chat", b'{"choices":[{"message":{"content":"x","tool_calls":[', b"]}}]}")(
        b"{}"
    ),
    "annotations": rows("chat", b'{"choices":[{"message":{"content":"x","annotations":[', b"]}}]}")(
        b'{"type":"t"}'
    ),
    "unknown keys of a chat reply": _chat_reply(numbered(b'"k#":1')),
    "unknown usage": rows("chat", b'{"choices":[{"message":{"content":"x"}}],"usage":{', b"}}")(
        numbered(b'"k#_tokens":1')
    ),
    "unknown usage details": rows(
        "chat",
        b'{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens_details":{',
        b"}}}",
    )(numbered(b'"k#_tokens":1')),
    "a long answer": rows("chat", b'{"choices":[{"message":{"content":"', b'"}}]}', b"")(b'\\"'),
    "markdown in an answer": rows("chat", b'{"choices":[{"message":{"content":"', b'"}}]}', b"")(
        b"![a](%b)" % SHORT
    ),
    "reasoning of an answer": rows(
        "chat", b'{"choices":[{"message":{"content":"x","reasoning":"', b'"}}]}', b""
    )(b"a "),
    "reasoning details": rows(
        "chat", b'{"choices":[{"message":{"content":"x","reasoning_details":[', b"]}}]}"
    )(b'{"type":"reasoning.text","text":"a"}'),
    "a long id": rows("chat", b'{"choices":[{"message":{"content":"x"}}],"id":"', b'"}', b"")(b"i"),
    "candidates": _candidates(b'{"content":{"parts":[{"text":"x"}]}}'),
    "empty candidates": _candidates(b"{}"),
    "refused candidates": _candidates(b'{"finishReason":"IMAGE_SAFETY"}'),
    "candidates with unknown keys": _candidates(
        numbered(b'{"k#":1,"content":{"parts":[{"text":"x"}]}}')
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
    "signed texts": _reply_parts(numbered(b'{"text":"x","thoughtSignature":"A#"},')),
    "safety ratings": rows(
        "gemini",
        b'{"candidates":[{"content":{"parts":[{"text":"x"}]},"safetyRatings":[',
        b"]}]}",
    )(b'{"category":"c","probability":"NEGLIGIBLE"}'),
    "unknown keys of a Gemini reply": _gemini_reply(numbered(b'"k#":1')),
    "rows of usage details": _details(b'{"modality":"TEXT","tokenCount":1}'),
    "rows of usage details, each another": _details(numbered(b'{"modality":"M#","tokenCount":1}')),
    "empty usage details": _details(b"{}"),
    "unknown usage of Gemini": _usage(numbered(b'"k#TokenCount":1')),
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
    "entries by URL": _data(numbered(b'{"url":"https://e.example/#"}')),
    "entries with prompts": _data(numbered(b'{"b64_json":"iVBORw0KGgo=","revised_prompt":"p#"}')),
    "entries with unknown keys": _data(numbered(b'{"b64_json":"iVBORw0KGgo=","k#":1}')),
    "an entry of blanks": rows("images", b'{"created":1,"data":[{"b64_json":"', b'"}]}', b"")(
        b"AA AA", b"iVBORw0KGgoA"
    ),
    "an entry of escapes": rows("images", b'{"created":1,"data":[{"b64_json":"', b'"}]}', b"")(
        b"%41", b"data:image/png;base64,iVBORw0KGgoA"
    ),
    "unknown keys of an Images reply": _images_reply(numbered(b'"k#":1')),
    "deep keys of an Images reply": _images_reply(
        lambda n: b'"k%d":%b' % (n, tower(b"[", b"]", 900))
    ),
    "a long background": rows(
        "images", b'{"created":1,"data":[{"b64_json":"iVBORw0KGgo="}],"background":"', b'"}', b""
    )(b"b"),
}

_openai = rows("chat", b'{"error":{"message":"', b'","type":"t","code":"c"}}', b"")
_google = rows(
    "gemini", b'{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"', b'"}}', b""
)
_google_details = rows(
    "gemini",
    b'{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m","details":[',
    b"]}}",
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
    "a message of digits": _openai(b"9", b"retry in 9"),
    "a message of units": _openai(b"1h1m1s", b"try again in "),
    "a message in a message": _openai(b'{\\"error\\":{\\"message\\":\\"'),
    "a message of HTML": lambda size: Hostile(b"<html>" + filled(size, b"<title>x"), "chat"),
    "a message of open tags": lambda size: Hostile(filled(size, b"<"), "gemini"),
    "nothing but blanks": lambda size: Hostile(filled(size, b" \n"), "images"),
    "errors in a list": lambda size: Hostile(
        b"[" + filled(size, b'{"error":{"code":429,"message":"m"}}', b",") + b"]", "gemini"
    ),
    "unknown keys of an error": rows("chat", b'{"error":{"message":"m",', b"}}")(
        numbered(b'"k#":1')
    ),
    "a deep error": lambda size: Hostile(b'{"error":' * (size // 9), "chat"),
    "deep keys of an error": rows("chat", b'{"error":{"message":"m",', b"}}")(
        lambda n: b'"k%d":%b' % (n, tower(b'{"error":', b"}", 400))
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
    "a long param": rows("images", b'{"error":{"message":"m","param":"', b'"}}', b"")(b"p."),
    "a long code": rows("images", b'{"error":{"message":"m","code":"', b'"}}', b"")(b"c_"),
    "a numeric code": lambda size: Hostile(
        b'{"error":{"message":"m","code":%b}}' % (b"9" * size), "images"
    ),
}
