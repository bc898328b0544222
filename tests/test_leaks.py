"""The law of silence: no key and no payload in anything that we say, wherever a body holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import imagewire
from canaries import CANARIES, KEYS, NAME, error_body, planted, positions, said_by, said_of
from cases import CASES, Case

ALL = imagewire.Options(
    history="all", keep_drafts=True, read_markdown=True, images_text="revised_prompt", vertex=True
)
JSON_CASES = [case for case in CASES if not case.file.endswith(".http")]


def heard(case: Case, target: str, body: bytes, options: imagewire.Options) -> Iterator[str]:
    """Everything that is said of a body on its way to a target."""
    source = imagewire.FORMATS[case.format]
    try:
        if case.kind == "request":
            yield repr(source.read_request(body, options=options))
            yield from said_of(
                imagewire.translate_request(
                    body,
                    source=case.source,
                    target=target,
                    model=case.upstream_model(target),
                    options=options,
                )
            )
            return
        if case.kind == "response":
            yield repr(source.read_response(body, options=options))
        else:
            yield repr(source.read_failure(body, status=case.status))
        reply = imagewire.translate_response(
            body, source=case.format, target=target, status=case.status, options=options
        )
        yield from said_of(reply)
        if CANARIES["prompt"][:40].encode() not in body:  # an upstream's words pass
            yield from error_body(reply)
    except imagewire.TranslationError as error:
        yield from said_by(error)


class TestTranslation:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("case", JSON_CASES, ids=str)
    def test_nothing_said_of_a_body_betrays_what_it_holds(self, case: Case, target: str) -> None:
        tree = msgspec.json.decode(case.body)
        leaks = [
            (path, name, text)
            for path in positions(tree)
            for name, canary in CANARIES.items()
            for document in planted(tree, path, canary)
            for text in heard(case, target, msgspec.json.encode(document), ALL)
            if NAME in text
        ]

        assert [] == leaks
