"""Lines that differ only in their words share a template, and become what they became without."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from alike import WORDS, Counted, alike, assert_templates_are_unseen
from batch_lines import MODEL, asked, documents, openai, requests
from cases import CASES, DIRECTIONS
from fuzz_inputs import CHOICES
from imagewire import Options
from imagewire.batch import Batch, Job, Line, Reject, translate_line
from imagewire.batch.templates import templated
from imagewire.messages import Payload

PATHS = {
    "chat": "/v1/chat/completions",
    "images": "/v1/images/generations",
    "gemini": f"/v1beta/models/{MODEL}:generateContent",
    "responses": "/v1/responses",
}
#: A body in each shape of line.
SHAPES: dict[str, Callable[[str, Any], Any]] = {
    "bare": lambda _, body: body,
    "openai": lambda source, body: {"custom_id": "", "url": PATHS[source], "body": body},
    "gemini": lambda _, body: {"key": "", "request": body},
    "id": lambda _, body: {"id": "", "body": body},
    "behind": lambda _, body: {"body": body, "note": "x", "custom_id": ""},
    "unnamed": lambda _, body: {"request": body},
}
REQUESTS = {
    case.name: case for case in CASES if case.kind == "request" and case.file.endswith(".json")
}


class TestTheSame:
    @pytest.mark.parametrize("name", REQUESTS)
    def test_every_sample_in_other_words(self, name: str) -> None:
        """All directions, shapes and options, each with words that are as bad as can be."""
        case = REQUESTS[name]
        body = json.loads(case.body)
        words = [*WORDS.values()]
        well = 0
        for place, (shape, target) in enumerate(product(SHAPES.values(), PATHS)):
            document = shape(case.format, body)
            options = CHOICES[place % len(CHOICES)]
            model = case.upstream_model(target) or MODEL
            batch = Batch(source=case.format, target=target, model=model, options=options)
            lines = [alike(document, [b"first", b"second"], spaced=place % 2 == 1)]
            for at in range(len(words)):
                lines.append(alike(document, words[at:] + words[:at], spaced=place % 2 == 1))
                lines.append(alike(document, [words[at]], spaced=place % 2 == 1))
            well += sum(1 for _ in assert_templates_are_unseen(lines, batch))

        assert well > len(SHAPES)

    @pytest.mark.parametrize(("source", "target"), DIRECTIONS)
    @given(words=st.lists(st.text(max_size=20), min_size=4, max_size=12), escaped=st.booleans())
    def test_any_words(self, source: str, target: str, words: list[str], *, escaped: bool) -> None:
        bodies = {
            "chat": {"model": MODEL, "messages": [{"role": "user", "content": ""}]},
            "gemini": {"contents": [{"role": "user", "parts": [{"text": ""}, {"text": "b"}]}]},
            "images": {"model": "gpt-image-2", "prompt": ""},
            "responses": {"model": "gpt-6.1", "input": "", "tools": [{"type": "image_generation"}]},
        }
        model = "gpt-image-2" if target in {"images", "responses"} else MODEL
        options = Options(responses_model="gpt-6.1")
        batch = Batch(source=source, target=target, model=model, options=options)
        quoted = [json.dumps(word, ensure_ascii=escaped) for word in words]
        said = [each.encode("utf-8", "surrogatepass")[1:-1] for each in quoted]

        lines = [
            alike(SHAPES["openai"](source, bodies[source]), said[at:] + said[:at])
            for at in range(len(said))
        ]

        assert len([*assert_templates_are_unseen(lines, batch)]) <= len(lines)


class TestLearning:
    def translated(self, *lines: bytes, first: int = 1, **about: Any) -> tuple[list[Any], int]:
        """What becomes of lines, and how many of them had to be translated."""
        counted = Counted(requests(**about))
        translate = templated(counted)
        found = [translate(line, number) for number, line in enumerate(lines, first)]
        return found, counted.count

    def test_the_second_of_a_kind_is_the_last_that_is_translated(self) -> None:
        lines = [openai(f"request-{number}", asked(f"fox {number}")) for number in range(100)]

        found, count = self.translated(*lines)

        assert count == 2
        texts = [documents(bytes(line.body))[0]["request"]["contents"] for line in found]
        assert [f"fox {number}" for number in range(100)] == [
            text[0]["parts"][0]["text"] for text in texts
        ]
        assert [f"request-{number}" for number in range(100)] == [line.id for line in found]

    @pytest.mark.parametrize("name", ["plain", "others", "lines", "quotes", "not ASCII", "escaped"])
    def test_words_may_say_what_they_want(self, name: str) -> None:
        line = alike(SHAPES["openai"]("chat", asked()), [b"a", WORDS[name]])

        _, count = self.translated(line, line, line)

        assert count == 2

    @pytest.mark.parametrize(
        "name",
        [
            *("markdown", "escaped markdown", "a data URI", "an escaped data URI", "empty"),
            *("no UTF-8", "long"),
        ],
    )
    def test_what_is_looked_at_is_no_word(self, name: str) -> None:
        good = alike(SHAPES["openai"]("chat", asked()), [b"a"])
        line = alike(SHAPES["openai"]("chat", asked()), [b"a", WORDS[name]])

        _, count = self.translated(good, good, line)

        assert count == 3

    def test_lines_without_a_name_are_told_by_their_number(self) -> None:
        line = alike({"request": asked()}, [b"fox"])

        found, count = self.translated(line, line, line, first=7, to_shape="gemini", shape="gemini")

        assert count == 2
        assert ["7", "8", "9"] == [documents(bytes(each.body))[0]["key"] for each in found]
        assert [(None, "7"), (None, "8"), (None, "9")] == [
            (each.id, each.stored_context.id) for each in found
        ]

    def test_a_request_for_several_images_is_several_lines(self) -> None:
        found, count = self.translated(*(openai(id_, asked(id_ * 2, n=2)) for id_ in "abc"))

        assert count == 2
        assert [["a#1", "a#2"], ["b#1", "b#2"], ["c#1", "c#2"]] == [
            [each["key"] for each in documents(bytes(line.body))] for line in found
        ]
        assert [("a", 2), ("b", 2), ("c", 2)] == [
            (each.stored_context.id, each.stored_context.repeat) for each in found
        ]

    def test_losses_are_those_of_each_line(self) -> None:
        found, count = self.translated(*(openai(id_, asked(stop="x"), note=id_) for id_ in "aaa"))

        assert count == 2
        assert found[0].losses
        assert found[0].losses == found[1].losses == found[2].losses

    def test_what_is_the_same_in_all_lines_may_look_like_a_format(self) -> None:
        lines = [openai(id_, asked(id_, user="100% %b %%")) for id_ in "abc"]

        found, count = self.translated(*lines, target="chat")

        assert count == 2
        assert ["100% %b %%"] * 3 == [
            documents(bytes(line.body))[0]["body"]["user"] for line in found
        ]

    def test_what_is_rejected_has_no_template(self) -> None:
        lines = [openai(id_, {"model": MODEL, "messages": "none"}) for id_ in "abcd"]

        found, count = self.translated(*lines)

        assert count == len(lines) + 1
        assert [*"abcd"] == [reject.id for reject in found if isinstance(reject, Reject)]

    def test_words_of_unknown_fields_are_words(self) -> None:
        lines = [
            alike({"custom_id": "", "body": asked(odd={"text": ""})}, [id_, b"a fox", id_ * 2])
            for id_ in (b"a", b"b", b"c")
        ]

        found, count = self.translated(*lines, target="chat")

        assert count == 2
        assert ["aa", "bb", "cc"] == [
            documents(bytes(line.body))[0]["body"]["odd"]["text"] for line in found
        ]

    @pytest.mark.parametrize(
        "changed",
        [
            lambda line: structs.replace(line, job=Job("gemini", "", line.key)),
            lambda line: structs.replace(line, body=Payload(bytes(line.body).upper())),
        ],
        ids=["in another field", "in other letters"],
    )
    def test_words_that_do_not_pass_as_they_are_have_no_template(
        self, changed: Callable[[Line], Line]
    ) -> None:
        def translate(line: bytes, number: int) -> Line:
            found = translate_line(line, requests(), number=number)
            assert isinstance(found, Line)
            return changed(found)

        lines = [openai(id_, asked(id_)) for id_ in "abcd"]

        translating = templated(translate)

        assert [translate(line, 1) for line in lines] == [translating(line, 1) for line in lines]

    def test_kinds_are_forgotten_when_there_are_too_many(self) -> None:
        many = [openai("a", asked("fox", seed=seed)) for seed in range(500)]
        line = openai("a", asked("fox"))

        found, count = self.translated(*[line] * 251, *many, line, line, line)

        assert count == 2 + len(many) + 2
        assert all(isinstance(each, Line) for each in found)

    def test_none_are_looked_for_where_few_lines_have_one(self) -> None:
        many = [openai("a", asked("fox", seed=seed)) for seed in range(500)]
        line = openai("a", asked("fox"))

        found, count = self.translated(*[line] * 250, *many, line, line, line)

        assert count == 2 + len(many) + 3
        assert all(isinstance(each, Line) for each in found)
