"""A template passes on words that no reader and no writer looks at; a look is noticed here.

Each string that the package mentions, each pattern that it has, is tried as a word in each place
where templates have words. So a reader or writer that begins to treat a word in another way than
others makes lines become something else with a template than without, and a test fails. That the
test can fail is tested as well: with readers, writers and ids that are looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import Any

import pytest
from msgspec import structs

import imagewire
from alike import KEYS, Counted, alike
from batch_lines import MODEL, requests
from cases import DIRECTIONS
from imagewire.batch import Batch, Reject, envelopes, translate_line
from imagewire.batch.templates import LineResult, templated
from imagewire.messages import Payload
from words import package_source, words_of

#: Bodies with words in each place that is one, in requests that all formats can take.
BODIES: dict[str, Any] = {
    "chat": {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": ""},
            {
                "role": "user",
                "content": [{"type": "text", "text": ""}, {"type": "text", "text": ""}],
            },
            {"role": "assistant", "content": ""},
            {"role": "user", "content": ""},
        ],
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": ""}]},
        "contents": [
            {"role": "user", "parts": [{"text": ""}, {"text": ""}]},
            {"role": "model", "parts": [{"text": ""}]},
            {"role": "user", "parts": [{"text": ""}]},
        ],
    },
    "images": {"model": "gpt-image-2", "prompt": ""},
    "responses": {
        "model": "gpt-6.1",
        "input": [
            {"role": "system", "content": ""},
            {"role": "user", "content": [{"type": "input_text", "text": ""}] * 2},
            {"role": "assistant", "content": ""},
            {"role": "user", "content": ""},
        ],
        "tools": [{"type": "image_generation", "model": "gpt-image-2"}],
    },
}
SHAPES: dict[str, Callable[[Any], Any]] = {
    "openai": lambda body: {"custom_id": "", "body": body},
    "gemini": lambda body: {"key": "", "request": body},
    "id": lambda body: {"id": "", "body": body},
    "bare": lambda body: body,
}
OPTIONS = (
    imagewire.Options(responses_model="gpt-6.1"),
    imagewire.Options(
        history="all", read_markdown=True, model_ids="prefixed", responses_model="gpt-6.1"
    ),
)


def record(found: LineResult) -> Any:
    return found.record() if isinstance(found, Reject) else found


def looked_at(batch: Batch, shape: str, words: Sequence[str]) -> list[str]:
    """The words with which a line becomes something else with a template than without."""
    pattern = alike(SHAPES[shape](BODIES[batch.source]), [b"<>"])
    alone = Counted(batch)
    translate = templated(alone)
    found = []
    for number, word in enumerate(["red", "green", *words], 1):
        line = pattern.replace(b"<>", json.dumps(word, ensure_ascii=False)[1:-1].encode())
        expected = record(translate_line(line, batch, number=number))
        if expected != record(translate(line, number)):
            found.append(word)
    assert alone.count < 2 + len(words) / 4  # the others had a template
    return found


@cache
def package_words() -> list[str]:
    return words_of(package_source())


class TestWords:
    @pytest.mark.parametrize(("source", "target"), DIRECTIONS)
    def test_no_reader_and_no_writer_looks_at_a_word(self, source: str, target: str) -> None:
        """Each word in one shape and with one set of options, in others for other directions."""
        model = "gpt-image-2" if target in {"images", "responses"} else MODEL
        words, ways = package_words(), [*product(SHAPES, OPTIONS)]
        first = DIRECTIONS.index((source, target))
        found = []

        for place, (shape, options) in enumerate(ways, first):
            batch = Batch(source=source, target=target, model=model, options=options)
            found += looked_at(batch, shape, words[place % len(ways) :: len(ways)])

        assert [] == found

    def test_they_are_many(self) -> None:
        """Names of formats, models and fields, signs of markdown and of data URIs, and others."""
        words = {*package_words()}

        assert {"chat", MODEL, "contents", "![", ";base64,", "auto"} <= words
        assert len(words) > 1000


#: Ways to look at a word, each as the code of a function that changes some words.
LOOKS = {
    "a word": 'def look(text): return "" if text == "secret" else text',
    "one of several": 'def look(text): return {"secret": "public"}.get(text, text)',
    "its beginning": 'def look(text): return text.removeprefix("/imagine")',
    "its end": 'def look(text): return text.removesuffix("--ar")',
    "a part of it": 'def look(text): return text.replace("<secret>", "")',
    "a pattern": 'import re\ndef look(text): return re.sub("^--(ar|v) [0-9]:", "", text)',
    "its length": "def look(text): return text[:500]",
    "white space at its ends": "def look(text): return text.strip()",
    "its case": "def look(text): return text.title() if text.isupper() else text",
    "digits": "def look(text): return str(int(text)) if text.isdecimal() else text",
}


Look = Callable[[str], str]


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> Look:
    scope: dict[str, Any] = {}
    exec(LOOKS[request.param], scope)  # noqa: S102 - our own
    found: Look = scope["look"]
    return found


@pytest.fixture
def words(request: pytest.FixtureRequest) -> list[str]:
    """The words that are tried because of the code of `look`."""
    return words_of(LOOKS[request.node.callspec.params["look"]])


def reworded(body: bytes, look: Look) -> bytes:
    """A body whose words were looked at."""
    words = rb'("(?:%b)":\s?)("(?:[^"\\]|\\.)*")' % "|".join(sorted(KEYS)).encode()

    def another(found: re.Match[bytes]) -> bytes:
        text = look(json.loads(found[2]))
        return found[1] + json.dumps(text, ensure_ascii=False).encode()

    return re.sub(words, another, body)


class TestLooks:
    """The test above fails if words are looked at."""

    def test_a_reader_that_looks_is_noticed(
        self, look: Look, words: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = imagewire.chat.read_request

        def read(body: Any, **about: Any) -> Any:
            return real(reworded(bytes(body), look), **about)

        monkeypatch.setattr(imagewire.chat, "read_request", read)

        assert looked_at(requests(), "openai", words)

    def test_a_writer_that_looks_is_noticed(
        self, look: Look, words: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = imagewire.gemini.write_request

        def write(*about: Any, **options: Any) -> Any:
            written = real(*about, **options)
            body = Payload(reworded(bytes(written.value.body), look))
            return structs.replace(written, value=structs.replace(written.value, body=body))

        monkeypatch.setattr(imagewire.gemini, "write_request", write)

        assert looked_at(requests(), "openai", words)

    def test_an_id_that_is_looked_at_is_noticed(
        self, look: Look, words: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = envelopes.id_in

        def read(*about: Any) -> str | None:
            found = real(*about)
            return None if found is None else look(found)

        monkeypatch.setattr("imagewire.batch.shapes.id_in", read)

        assert looked_at(requests(), "openai", words)
