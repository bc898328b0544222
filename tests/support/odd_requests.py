"""Requests that two readers of one syntax could read as two: odd forms, JSON and content types."""

# Everything chance decides comes from the ``random.Random`` that is passed in: one seed, one body.

from __future__ import annotations

import json
from random import Random
from typing import Any, NamedTuple, TypeVar

import hub
import imagewire
from bypass import base64_of, payload, url_safe

T = TypeVar("T")

FORM_TYPE = "multipart/form-data"
MODELS = ("x", "openai/y", "models/z", "gpt-image-2", "gemini-3-pro-image", "", " ")
THOUGHT = "what nobody asked for"


class OddRequest(NamedTuple):
    """A request as it comes over the wire."""

    body: bytes
    endpoint: imagewire.Endpoint
    content_type: str


def odd_request(random: Random) -> OddRequest:
    """A form or a JSON body, with the content type of either."""
    return random.choice((odd_form, odd_json))(random)


def odd_json(random: Random) -> OddRequest:
    """A JSON body: large pictures behind odd data URIs, fields that no struct names, thoughts."""
    source = random.choice(list(imagewire.FORMATS))
    tree = {"chat": _chat, "gemini": _gemini, "images": _images, "responses": _responses}[source](
        random
    )
    kind = _rarely(random, "application/json", *_CONTENT_TYPES)
    in_path = random.choice((None, *MODELS)) if source == "gemini" else None
    return OddRequest(_json(tree, random), imagewire.Endpoint(source, "generate", in_path), kind)


def odd_form(random: Random) -> OddRequest:
    """A form, or two in one; files hold the delimiters of other forms, and parts of them."""
    ours, theirs = random.sample(_BOUNDARIES, 2)
    usual, *odd = _CONTENT_TYPES
    two = [pattern for pattern in odd if "THEIRS" in pattern]
    pattern = random.choice(random.choice(([usual], [usual], odd, two)))
    kind = pattern.replace("OURS", ours).replace("THEIRS", theirs)
    return OddRequest(_form(random, ours, theirs), imagewire.Endpoint("images"), kind)


def odd_content_type(random: Random, ours: str) -> str:
    """A content type for a form of a boundary, which may name another one, too."""
    pattern = random.choice(_CONTENT_TYPES)
    return pattern.replace("OURS", ours).replace("THEIRS", random.choice(_BOUNDARIES))


_BOUNDARIES = (
    *("y", "z", "yz", "--y", "xyz-1") * 4,
    *("Y", "x-boundary", "y z", "y;z", "y'z", "boundary=z", "=", "é", "y" * 70, "y" * 71),
)
_CONTENT_TYPES = (
    "multipart/form-data; boundary=OURS",
    'multipart/form-data; boundary="OURS"',
    "multipart/form-data; boundary=OURS; boundary=THEIRS",
    "multipart/form-data; boundary=THEIRS; boundary=OURS",
    "multipart/form-data; Boundary=THEIRS; boundary=OURS",
    "multipart/form-data; boundary=OURS; BOUNDARY=THEIRS",
    'multipart/form-data; x="boundary=THEIRS"; boundary=OURS',
    'multipart/form-data; x="a\\"; boundary=THEIRS"; boundary=OURS',
    'multipart/form-data; x="; boundary=THEIRS; boundary=OURS',
    "multipart/form-data; x-boundary=THEIRS; boundary=OURS",
    "multipart/form-data; xboundary=THEIRS; boundary=OURS",
    "multipart/form-data; boundary-x=THEIRS; boundary=OURS",
    "multipart/form-data; boundary*=utf-8''THEIRS; boundary=OURS",
    "multipart/form-data; boundary*=utf-8''OURS",
    "multipart/form-data; boundary*0=OURS; boundary*1=THEIRS",
    "multipart/form-data; boundary=OURS; boundary*0=THEIRS",
    "MULTIPART/Form-Data ;BOUNDARY=OURS",
    "multipart/form-data;boundary = OURS",
    "multipart/form-data; boundary= OURS ",
    "multipart/form-data; boundary=OURS, multipart/form-data; boundary=THEIRS",
    "multipart/form-data, multipart/form-data; boundary=OURS",
    "multipart/form-data; charset=utf-8; boundary=OURS",
    "multipart/form-data; charset=utf-16; boundary=OURS; charset=utf-8",
    "multipart/form-data; boundary=OURS;",
    "multipart/form-data; boundary=OURS\t",
    "multipart/form-data;\r\n boundary=OURS",
    "multipart/form-data boundary=OURS",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary",
    "multipart/form-data",
    "multipart/mixed; boundary=OURS",
    "application/x-www-form-urlencoded; boundary=OURS",
    "application/json; boundary=OURS",
    'application/json; x="multipart/form-data; boundary=OURS"',
    'text/plain; boundary="OURS"',
    "boundary=OURS",
    "",
)
_NAMES = (
    *(
        "model",
        "prompt",
        "image",
        "image[]",
        "image[0]",
        "image[1]",
        "images",
        "images[]",
        "images[00]",
        "mask",
        "mask[]",
    ),
    *(
        "n",
        "n[]",
        "size",
        "model[]",
        "prompt[]",
        "model[0]",
        "model[a]",
        "Model",
        "MODEL",
        " model",
    ),
    *("u[a]", "u[a][b]", "u[]", "u[][a]", "u[0]", "u[0][a]", "u]", "u[", "[]", "[a]", "image["),
    *(
        "image_url",
        "images[0][image_url]",
        "moderation",
        "stream",
        "u" + "[a]" * 20,
        "é",
        "model\0",
    ),
)
_HEADS = (
    'Content-Disposition: form-data; name="NAME"',
    'content-disposition: form-data; name="NAME"',
    'Content-Disposition: form-data; name="other"; name="NAME"',
    'Content-Disposition: form-data; name="NAME"; name="other"',
    "Content-Disposition: form-data; name=NAME",
    "Content-Disposition: form-data; name*=utf-8''NAME",
    'Content-Disposition: form-data; x="; name=other"; name="NAME"',
    'Content-Disposition: form-data; filename="; name=other"; name="NAME"',
    'Content-Disposition: form-data; name="NAME"\r\nContent-Disposition: form-data; name="other"',
    'X: y\r\nContent-Disposition: form-data; name="NAME"',
    'Content-Disposition : form-data; name="NAME"',
    'Content-Disposition: attachment; name="NAME"',
    'Content-Disposition: form-data;\r\n name="NAME"',
)
_FILE_HEADS = (
    '; filename="a.png"',
    "; filename=a.png",
    '; filename=""',
    '; FILENAME="a.png"',
    "; filename*=utf-8''a.png",
    '; x="; filename=a"',
    '; filename="a.png"\r\nContent-Type: image/png',
    '; filename="a.png"\r\nContent-Type: text/html; a="\r\n--y',
    '; filename="a.png"\r\nContent-Transfer-Encoding: base64',
    '; filename="a.png"\r\ncontent-transfer-encoding: 8bit',
    '; filename="a.png"\r\nX-A: ' + "a" * 4300,
)


def _form(random: Random, ours: str, theirs: str) -> bytes:
    names = ["model", "prompt", "image"] + random.choices(_NAMES, k=random.choice((0, 0, 1, 2)))
    names += random.choice(([], [], ["n"]))
    random.shuffle(names)
    boundary, other = ours.encode(), theirs.encode()
    lines = [_rarely(random, b"", b"\r\n", b"preamble\r\n", b"--" + other + b"\r\n")]
    between = random.choice(([boundary],) * 3 + ([boundary, other],))  # two forms in one
    for place, name in enumerate(names):
        lines += (
            b"--",
            random.choice(between) if place else boundary,
            _rarely(random, b"\r\n", b" \r\n", b"\n", b"--\r\n"),
        )
        lines += (*_part(random, name, ours, theirs), b"\r\n")
    end = b"--" + boundary + b"--"
    lines.append(_rarely(random, end + b"\r\n", end, end + b"\r\n--y\r\n", b"", end[:-1]))
    return b"".join(lines)


def _rarely(random: Random, usual: T, *odd: T) -> T:
    """What is usual, but for one of twenty times."""
    return random.choice(odd) if random.random() < 0.05 else usual


def _part(random: Random, name: str, ours: str, theirs: str) -> tuple[bytes, bytes, bytes]:
    head = _rarely(random, _HEADS[0], *_HEADS).replace("NAME", name)
    is_file = _rarely(random, name.startswith(("image", "mask")), True, False)
    if is_file:
        head += _rarely(random, _FILE_HEADS[0], *_FILE_HEADS)
    data = _file(random, ours, theirs) if is_file else _text(random, name)
    return head.encode(), _rarely(random, b"\r\n\r\n", b"\n\n", b"\r\n"), data


def _file(random: Random, ours: str, theirs: str) -> bytes:
    """The bytes of a picture, with something among them that could end them."""
    raw = payload(random.choice((40, 400, 900)), random.randrange(3))
    one, other = (b"\r\n--" + boundary.encode() for boundary in random.sample((ours, theirs), 2))
    field = b'\r\nContent-Disposition: form-data; name="model"\r\n\r\nsmuggled'
    file = b'\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + raw
    form = one + field + one + b"--\r\n"
    inside = (
        b"",
        b"",
        one,
        one + b"--\r\n",
        one[:-1],
        one[2:],
        form,
        other + file + form + raw + other,
    )
    at = random.choice((0, 20, len(raw) // 2, len(raw)))
    return raw[:at] + random.choice(inside) + raw[at:]


def _text(random: Random, name: str) -> bytes:
    texts = {
        "model": MODELS,
        "prompt": ("a fox", "a fox " * 60, base64_of(300), "", hub.PNG_URI),
        "n": ("1", "2", "", "1.0", "x"),
        "size": ("1024x1024", "auto", "16:9", "x"),
    }
    found = random.choice(texts.get(name, ("x", "1", hub.PNG_URI, "https://example.com/a.png")))
    return found.encode()


# JSON


def _url(random: Random) -> str:
    """A picture where a URL belongs, mostly a data URI, large or small, well-formed or not."""
    data = base64_of(random.choice((60, 300, 301, 900)), random.randrange(3))
    data = random.choice((data, data, data.rstrip("="), url_safe(data), data[:200] + "%2B" + data))
    head = random.choice(
        (
            *("data:image/png;base64,",) * 3,
            "data:image/png;charset=a,b;base64,",
            "data:,;base64,",
            "data:,a;base64,",
            "data:image/png,;base64,",
            "data:;base64;base64,",
            "DATA:IMAGE/PNG;BASE64,",
            "data:image/png;BASE64;x=y,",
            "data:image/png; base64 ,",
            'data:image/png;a=",";base64,',
            "data:image/png;base64, ",
            "data:image/png;" + "a=b;" * 80 + "base64,",
            "data:image/png,",
            " data:image/png;base64,",
            "",
        )
    )
    remote = "https://example.com/a.png", "https://example.com/b.png#;base64,", "gs://b/a.png"
    return random.choice((head + data,) * 4 + remote)


def _unknown(random: Random) -> dict[str, Any]:
    """Fields that no struct names: files, brackets, large numbers, deep values."""
    deep: Any = random.choice((1, "x", hub.PNG_URI, base64_of(300)))
    for _ in range(random.choice((1, 7, 8, 9, 40, 300))):
        deep = random.choice(([deep], {"a": deep}))
    big = int("9" * random.choice((16, 400, 4300)))
    file = {"filename": "a", "content_type": "b", "base64": random.choice(("!", "AAAA", hub.PNG))}
    values: dict[str, Any] = {
        "u": random.choice((file, [file], {"a": file}, {**file, "x": 1}, {**file, "base64": 1})),
        "v": random.choice((deep, [deep, deep])),
        "w": random.choice((big, [big, big], {"a": big, "b": big}, float(big % 10**300))),
        random.choice(("model[]", "n[]", "prompt[]", "image[]", "image[0]", "images[1]")): "x",
        random.choice(("u[a]", "u]", "u[[]]", "[]", "", "a" * 5000, "é", "\0")): "x",
        random.choice(("Model", "models", "extra_body", "Prompt")): random.choice(
            ("x", ["x"], {"model": "x"}, {"google": {"model": "x"}})
        ),
    }
    return {key: value for key, value in values.items() if random.random() < 0.25}


def _chat(random: Random) -> dict[str, Any]:
    def content() -> Any:
        picture = {"type": "image_url", "image_url": {"url": _url(random)}}
        text = {"type": "text", "text": random.choice(("a fox", "a fox " * 50)), **_unknown(random)}
        return random.choice(("a fox", [text], [picture, text], [picture, text, picture], None))

    def message(role: str) -> dict[str, Any]:
        reasoning = random.choice(
            ("reasoning", "reasoning_content", "reasoning_details", "thinking", "thought")
        )
        value = [{"type": "reasoning.text", "text": THOUGHT}] if "details" in reasoning else THOUGHT
        more = {reasoning: value} if random.random() < 0.4 else {}
        return {"role": role, "content": content(), **more, **_unknown(random)}

    roles = random.choice((("user",), ("system", "user"), ("user", "assistant", "user")))
    return {**_model(random), "messages": [message(role) for role in roles], **_unknown(random)}


def _gemini(random: Random) -> dict[str, Any]:
    def part() -> dict[str, Any]:
        inline = {"mimeType": "image/png", "data": _url(random)}
        hidden = {"text": THOUGHT, "thought": random.choice((True, True, "true", 1))}
        shown = {"inlineData": inline, **_unknown(random)}
        remote = {"fileData": {"fileUri": random.choice(("https://example.com/a.png", "gs://b/a"))}}
        return random.choice(({"text": "a fox"}, {"text": "a fox"}, hidden, shown, remote))

    roles = random.choice((("user",), ("user", "model", "user"), ("USER",), (None,)))
    turns = [
        {"role": role, "parts": [part() for _ in range(random.randrange(1, 4))]} for role in roles
    ]
    return {**_model(random), "contents": turns, **_unknown(random)}


def _images(random: Random) -> dict[str, Any]:
    reference = random.choice((_url(random), {"image_url": _url(random), **_unknown(random)}))
    key = random.choice(("image", "image", "images", "image[]", "images[]", "x"))
    value = random.choice((reference, [reference], [reference, reference]))
    mask = {"mask": {"image_url": _url(random)}} if random.random() < 0.2 else {}
    prompt = random.choice(("a fox", "a fox " * 60, base64_of(300)))
    return {**_model(random), "prompt": prompt, key: value, **mask, **_unknown(random)}


def _responses(random: Random) -> dict[str, Any]:
    def message() -> dict[str, Any]:
        picture = {"type": "input_image", "image_url": _url(random), "detail": "auto"}
        text = {"type": "input_text", "text": random.choice(("a fox", "a fox " * 50))}
        content: Any = random.choice(("a fox", [text], [picture, text], [picture, text, picture]))
        return {"role": "user", "content": content, **_unknown(random)}

    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]}
    call = {"type": "image_generation_call", "id": "ig_1", "result": base64_of(300)}
    before = random.choice(((), (message(), call), (message(), thought, call)))
    tool = {"type": "image_generation", **_model(random), **_unknown(random)}
    mainline = {"model": "gpt-6.1"} if random.random() < 0.9 else {}
    return {**mainline, "input": [*before, message()], "tools": [tool], **_unknown(random)}


def _model(random: Random) -> dict[str, Any]:
    return {"model": random.choice(MODELS)} if random.random() < 0.9 else {}


def _json(tree: dict[str, Any], random: Random) -> bytes:
    """The tree as JSON, now and then with a model before it or after it, as attackers put it."""
    body = json.dumps(tree, ensure_ascii=random.random() < 0.5)
    if random.random() < 0.2:
        other = random.choice(('"model": "m"', r'"mode\u006c": "m"', '"MODEL": "m"'))
        body = random.choice(("{" + other + ", " + body[1:], body[:-1] + ", " + other + "}"))
    if random.random() < 0.05:
        body = random.choice(("\ufeff", " \n", "\ufeff\ufeff")) + body
    return body.encode("utf-8", "surrogatepass")
