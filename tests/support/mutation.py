"""Mutations of bodies: what clients, relays and attackers do to a well-formed one."""

# Everything chance decides comes from the ``random.Random`` that is passed in: one seed, one body.

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

import hub

_DATA_URI = f"data:image/png;base64,{hub.PNG}"

#: Values that a field of any type may meet.
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2,
    2.0,
    40.5,
    1e308,
    -1e-320,
    10**30,
    2**63,
    "",
    " ",
    "0",
    "2.0",
    "NaN",
    "-Infinity",
    "1e999",
    "auto",
    "AUTO",
    "\x00",
    "\ud800",
    "\U0001f98a",
    "a\r\nb: c",
    '"><svg onload="x',
    "../../etc/passwd",
    "model",
    "user",
    "16:9",
    "0:0",
    "99999999999:1",
    "1024x1024",
    "0x0",
    "4k",
    "image/png",
    "image/png\r\nx: y",
    "text/plain",
    "application/pdf",
    _DATA_URI,
    "data:image/png;base64,",
    "data:;base64,AAAA",
    "data:image/svg+xml,%3Csvg%3E",
    "DATA:image/jpg;charset=x;BASE64, " + hub.GIF.rstrip("="),
    f"data:image/png;charset=a,b;base64,{hub.PNG}",
    f"data:,;base64,{hub.PNG * 3}",
    f"data:image/png,;base64,{hub.PNG}",
    f"![a]({_DATA_URI}) and ![b](https://example.com/b.png)",
    "https://example.com/a.png?b=c#d",
    "gs://bucket/a.webp",
    "file:///etc/passwd",
    hub.PNG,
    hub.PNG.rstrip("="),
    hub.PNG.replace("+", "-").replace("/", "_"),
    "-_" * 40,
    "A",
    "A" * 4097,
    '{"error": {"message": "inner", "code": "429"}}',
    "SAFETY",
    "STOP",
    [],
    [[]],
    [None],
    ["text", "IMAGE"],
    [{}],
    {},
    {"": None},
    {"text": "x"},
    {"inlineData": {"mimeType": "image/png", "data": hub.PNG}},
    {"file_uri": "https://example.com/a.png"},
    {"type": "image_url", "image_url": {"url": _DATA_URI}},
    {"type": "text", "text": "x"},
    {"url": "x", "detail": "low"},
    {"google": {"thought_signature": hub.SIGNATURE, "thought": True}},
    {"model": "x", "tools": [{}]},
    {"code": 8, "message": "m", "status": "RESOURCE_EXHAUSTED"},
    {"filename": "a", "content_type": "b", "base64": "!"},
    {"filename": "a", "content_type": "b", "base64": hub.PNG},
    {"filename": 1, "content_type": None, "base64": {}},
    10**4299,
    [10**4299, -(10**4299)],
    {"a": 10**400, "b": 10**400},
    *(
        json.loads(f"{opening * deep}1{closing * deep}")
        for deep in (7, 9, 300)
        for opening, closing in ("[]", ('{"a":', "}"))
    ),
)
#: Keys that something may read besides those that it should.
KEYS = (
    *(
        "model",
        "Model",
        "models",
        "model[]",
        "n[]",
        "prompt[]",
        "image[0]",
        "images[]",
        "extra_body",
    ),
    *("reasoning", "reasoning_content", "thought", "thinking", "u[a]", "u]", "", "filename"),
)

_Node = tuple[Any, Any]  # a container, and a key or an index in it


def mutated(body: bytes, random: Random, others: tuple[bytes, ...]) -> bytes:
    """A body with one to four changes, of its tree where it is JSON, or of its bytes."""
    for _ in range(random.choice((1, 1, 2, 4))):
        tree = _json(body) if random.random() < 0.8 else None
        if isinstance(tree, (dict, list)) and tree:
            body = _encoded(_change_tree(tree, random, others), random)
        else:
            body = random.choice(_BYTE_CHANGES)(body, random, others)
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _encoded(tree: Any, random: Random) -> bytes:
    """JSON in one of the dialects that writers have: escaped or not, tight or spread out."""
    text = json.dumps(tree, ensure_ascii=random.random() < 0.7, indent=random.choice((None, 1)))
    if random.random() < 0.1:
        text = text.replace("/", "\\/").replace("=", "\\u003d")
    return text.encode("utf-8", "surrogatepass")


def _nodes(tree: Any) -> list[_Node]:
    found: list[_Node] = []
    pending = [tree]
    while pending:
        node = pending.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            found.append((node, key))
            if isinstance(node[key], (dict, list)):
                pending.append(node[key])
    return found


def _change_tree(tree: Any, random: Random, others: tuple[bytes, ...]) -> Any:
    node, key = random.choice(_nodes(tree))
    change = random.randrange(7)
    if change == 0:
        del node[key]
    elif change == 1:  # a value that another body has somewhere
        other = _json(random.choice(others))
        found = _nodes(other) if isinstance(other, (dict, list)) else []
        if found:
            its_node, its_key = random.choice(found)
            node[key] = json.loads(json.dumps(its_node[its_key]))
    elif change == 2:
        _respell(node, key, random)
    elif change == 3:
        _grow(node, key, random)
    else:
        node[key] = random.choice(HOSTILE)
    return tree


def _respell(node: Any, key: Any, random: Random) -> None:
    """The key in the other case, instead of its own spelling or beside it."""
    if not isinstance(node, dict):
        return
    snake = re.sub(r"([A-Z])", r"_\1", key).lower()
    camel = re.sub(r"_([a-z])", lambda match: match[1].upper(), key)
    other = snake if snake != key else camel
    node[other] = node[key] if random.random() < 0.3 else node.pop(key)


def _grow(node: Any, key: Any, random: Random) -> None:
    """One more of the same in a list, an unknown key in an object, a wrapper around a value."""
    if isinstance(node, list):
        node.insert(random.randrange(len(node) + 1), node[key])
    elif random.random() < 0.5:
        name = random.choice(KEYS) if random.random() < 0.4 else f"unknown_{random.randrange(3)}"
        node[name] = random.choice(HOSTILE)
    elif random.random() < 0.2:  # two neighbours that are out of the ordinary in the same way
        node[key] = node[random.choice(list(node))] = random.choice(HOSTILE)
    else:
        node[key] = random.choice(([node[key]], {key: node[key]}, str(node[key])))


def _flip(body: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    at = random.randrange(len(body) or 1)
    return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]


def _cut(body: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def _repeat(body: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    start = random.randrange(len(body) + 1)
    end = min(len(body), start + random.choice((1, 8, 64)))
    return body[:end] + body[start:end] * random.choice((1, 2, 500)) + body[end:]


def _splice(body: bytes, random: Random, others: tuple[bytes, ...]) -> bytes:
    other = random.choice(others)
    start = random.randrange(len(other) + 1)
    at = random.randrange(len(body) + 1)
    return body[:at] + other[start : start + random.choice((4, 40, 400))] + body[at:]


def _insert(body: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    at = random.randrange(len(body) + 1)
    return body[:at] + random.choice(_FRAGMENTS) + body[at:]


_FRAGMENTS = (
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xed\xa0\x80",
    b"NaN",
    b"1e999",
    b"9" * 400,
    b"9" * 4299,
    b'"model":"m",',
    b";base64,",
    b"data:,;base64,",
    b"[" * 3000,
    b'{"a":' * 3000,
    b"]}",
    b",",
    b"--",
    b"\r\n\r\n",
    b"\r\n--x\r\n",
    b"\r\n--x--\r\n",
    b"\r\n--",
    b'Content-Disposition: form-data; name="image[]"\r\n\r\n',
    b"Content-Transfer-Encoding: base64\r\n",
    b"data: ",
    b"<html><title>502</title>",
)
_BYTE_CHANGES: tuple[Callable[[bytes, Random, tuple[bytes, ...]], bytes], ...] = (
    _flip,
    _cut,
    _repeat,
    _splice,
    _insert,
)
