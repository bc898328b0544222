"""Lines in, lines out: what travels with a line, what becomes several, what is rejected."""

from __future__ import annotations

import json
from typing import Any

import attrs
import msgspec
import pytest

from batch_lines import (
    MODEL,
    TWICE,
    answered,
    asked,
    contexts,
    document,
    documents,
    gemini,
    one,
    openai,
    pictures,
    refused,
    requests,
    responses,
    text,
    translated,
)
from imagewire import LossCode, ReplyContext
from imagewire.batch import Job, Line, PendingReply, Reject, translate_line
from imagewire.batch.records import StoredContext
from imagewire.loss import lost


class TestThereAndBack:
    def test_a_file_comes_back_with_its_ids_and_what_the_replies_need(self) -> None:
        """OpenAI Batch to Gemini Batch, answered, and back: one line an id."""
        sent = translated(
            requests(),
            openai("one", asked(model="google/" + MODEL)),
            openai("two", asked(n=3)),
        )
        out = b"".join(bytes(line.body) for line in sent if isinstance(line, Line))
        stored = [
            msgspec.json.encode(line.stored_context) for line in sent if isinstance(line, Line)
        ]
        keys = [line["key"] for line in documents(out)]

        results = [gemini(key, answered(seed=seed)) for seed, key in enumerate(keys)]
        known = contexts(*(msgspec.json.decode(line, type=StoredContext) for line in stored))
        back = translated(responses(), *results, contexts=known)

        assert ["one", "two#1", "two#2", "two#3"] == keys
        found = [document(line) for line in back if isinstance(line, Line)]
        assert [("one", "google/" + MODEL), ("two", MODEL)] == [
            (line["custom_id"], line["response"]["body"]["model"]) for line in found
        ]
        assert [1, 3] == [pictures(line) for line in back if isinstance(line, Line)]


class TestRepeats:
    def test_a_request_for_several_images_becomes_several_lines(self) -> None:
        line = one(requests(), openai("a", asked(n=2)))

        first, second = documents(bytes(line.body))
        assert ("a#1", "a#2") == (first["key"], second["key"])
        assert first["request"] == second["request"]
        assert line.stored_context == StoredContext(
            "a", 2, ReplyContext(model=MODEL, count=2, had_input_images=False)
        )

    def test_they_are_merged_where_the_last_of_them_is(self) -> None:
        known = contexts(TWICE, StoredContext("b"))
        lines = gemini("a#2"), gemini("b"), gemini("a#1"), gemini("c")

        found = translated(responses(), *lines, contexts=known)

        assert [(2, "b"), (3, "a"), (4, "c")] == [(line.number, line.id) for line in found]

    def test_parts_stand_in_the_order_of_the_calls(self) -> None:
        lines = gemini("a#2", answered(words="two")), gemini("a#1", answered(words="one"))

        (found,) = translated(responses(), *lines, contexts=contexts(TWICE))

        assert isinstance(found, Line)
        content = document(found)["response"]["body"]["choices"][0]["message"]["content"]
        assert ["one", "two"] == [part["text"] for part in content if part["type"] == "text"]

    def test_an_id_that_looks_like_a_part_is_itself_first(self) -> None:
        known = contexts(TWICE, StoredContext("a#1"))

        assert "a#1" == one(responses(), gemini("a#1"), contexts=known).id

    @pytest.mark.parametrize(
        "id_", ["a#0", "a#3", "a#01", "a#", "b#1", "c#1", f"a#{10**50}", "a#\u0661"]
    )
    def test_an_id_that_is_no_part_stands_alone(self, id_: str) -> None:
        """That of a request which went in one line has no parts (``b``)."""
        known = contexts(TWICE, StoredContext("b"))

        assert id_ == one(responses(), gemini(id_), contexts=known).id

    def test_a_reply_that_never_came_is_a_call_that_failed(self) -> None:
        (found,) = translated(responses(), gemini("a#2"), contexts=contexts(TWICE))

        assert isinstance(found, Line)
        expected = lost(LossCode.MISSING_IMAGE, "$[0]", "call 1: there is no result a#1")
        assert expected in found.losses
        assert 1 == pictures(found)

    def test_what_is_no_result_is_a_call_that_failed(self) -> None:
        lines = text({"key": "a#1", "metadata": 1}), gemini("a#2")

        (found,) = translated(responses(), *lines, contexts=contexts(TWICE))

        assert isinstance(found, Line)
        assert ["$[0].metadata", "$[0]"] == [loss.path for loss in found.losses]
        assert 1 == pictures(found)

    def test_losses_have_their_place_in_the_line_of_their_call(self) -> None:
        odd = {**answered(), "odd": 1}

        (found,) = translated(
            responses(), gemini("a#1"), gemini("a#2", odd), contexts=contexts(TWICE)
        )

        assert isinstance(found, Line)
        assert "$[1].response.odd" in [loss.path for loss in found.losses]

    def test_a_second_result_for_a_call_is_rejected(self) -> None:
        lines = gemini("a#1"), gemini("a#1"), gemini("a#2")

        reject, line = translated(responses(), *lines, contexts=contexts(TWICE))

        assert isinstance(reject, Reject)
        assert (2, "a#1") == (reject.number, reject.id)
        assert (3, "a") == (line.number, line.id)

    def test_so_is_one_that_comes_when_all_are_one_already(self) -> None:
        lines = gemini("a#1"), gemini("a#2"), gemini("a#2")

        line, reject = translated(responses(), *lines, contexts=contexts(TWICE))

        assert isinstance(reject, Reject)
        assert (2, "a") == (line.number, line.id)
        assert (3, "a#2") == (reject.number, reject.id)

    def test_if_all_cannot_be_one_each_is_rejected(self) -> None:
        lines = gemini("a#2"), text({"key": "a#1"})

        found = translated(responses(strict=True), *lines, contexts=contexts(TWICE))

        assert [(1, "a#2"), (2, "a#1")] == [(reject.number, reject.id) for reject in found]

    def test_without_what_was_kept_each_is_a_reply(self) -> None:
        found = translated(responses(), gemini("a#1"), gemini("a#2"))

        assert ["a#1", "a#2"] == [line.id for line in found]


class TestUniqueIds:
    """A result belongs to one request, so the later of two lines with one id is rejected."""

    def numbers(self, found: list[Line | Reject]) -> tuple[list[int], list[int | None]]:
        """The lines that were translated, and those that were rejected for an id."""
        words = "an earlier line has the id"
        rejects = [each for each in found if isinstance(each, Reject)]
        assert all(reject.error.message.startswith(words) for reject in rejects)
        return (
            [each.number for each in found if isinstance(each, Line)],
            [reject.number for reject in rejects],
        )

    @pytest.mark.parametrize(
        ("lines", "rejected"),
        [
            ([openai("a", asked()), openai("a", asked())], [2]),
            ([openai("a", asked()), openai("a", asked("an owl")), openai("a", asked())], [2, 3]),
            ([openai("v", asked(n=2)), openai("v#1", asked())], [2]),
            ([openai("v#1", asked()), openai("v", asked(n=2))], [2]),
            ([openai("v#2", asked(n=2)), openai("v", asked(n=2))], [2]),
            ([openai("v", asked(n=2)), openai("v", asked())], [2]),
            ([openai("v", asked(n=2)), openai("v", asked(n=3))], [2]),
            ([openai("2", asked()), text({"body": asked(), "id": None})], [2]),
            ([text({"request": asked()}), openai("1", asked())], [2]),
            ([openai(1, asked()), openai("1", asked())], [2]),
            ([openai("", asked()), openai("", asked())], [2]),
        ],
    )
    def test_a_request_with_an_id_of_an_earlier_one_is_rejected(
        self, lines: list[bytes], rejected: list[int]
    ) -> None:
        batch = requests(shape=None, to_shape="gemini")

        found = self.numbers(translated(batch, *lines))

        assert rejected == found[1]

    @pytest.mark.parametrize(
        "lines",
        [
            [openai("v", asked()), openai("v#1", asked())],
            [openai("v", asked(n=2)), openai("v#3", asked()), openai("v#01", asked())],
            [openai("a", asked()), openai("A", asked()), openai("a ", asked())],
            [openai("3", asked()), openai("2", asked())],
        ],
    )
    def test_ids_that_differ_are_no_trouble(self, lines: list[bytes]) -> None:
        assert [] == self.numbers(translated(requests(), *lines))[1]

    def test_a_line_that_was_rejected_takes_no_id(self) -> None:
        """Neither that of a broken line, nor those of a line with one that was taken."""
        lines = [
            openai("a", asked(messages=[])),
            openai("a", asked()),
            openai("v#1", asked()),
            openai("v", asked(n=2)),
            openai("v#2", asked()),
        ]

        found = translated(requests(), *lines)

        assert [2, 3, 5] == [each.number for each in found if isinstance(each, Line)]

    def test_a_template_hides_no_id(self) -> None:
        lines = [openai(f"id-{n % 4}", asked(f"fox {n}")) for n in range(8)]

        assert ([1, 2, 3, 4], [5, 6, 7, 8]) == self.numbers(translated(requests(), *lines))

    @pytest.mark.parametrize(
        ("ids", "rejected"),
        [
            (["b", "b"], [2]),
            (["a", "a#1"], [2]),
            (["a#1", "a"], [2]),
            (["a#1", "a#2", "a"], [3]),
            (["a#1", "a#1", "a#2"], [2]),
            (["x#1", "x#1"], [2]),
        ],
    )
    def test_so_is_a_second_result_of_one_request(
        self, ids: list[str], rejected: list[int]
    ) -> None:
        known = contexts(TWICE, StoredContext("b"))

        found = translated(responses(), *map(gemini, ids), contexts=known)

        assert rejected == self.numbers(found)[1]

    def test_without_contexts_a_second_result_is_one_too(self) -> None:
        lines = gemini("a"), text({"response": answered()}), gemini("a"), gemini("2")

        assert ([1, 2], [3, 4]) == self.numbers(translated(responses(), *lines))

    def test_the_reject_names_the_ids_and_has_its_own(self) -> None:
        _, reject = translated(requests(), openai("v#1", asked()), openai("v", asked(n=2)))

        assert isinstance(reject, Reject)
        assert ("v", "an earlier line has the id v, or one of v#1 to v#2") == (
            reject.id,
            reject.error.message,
        )


class TestContexts:
    def test_what_was_kept_reaches_the_reply(self) -> None:
        known = contexts(StoredContext("a", 1, ReplyContext(model="mine")))

        found = document(one(responses(), gemini("a"), contexts=known))

        assert "mine" == found["response"]["body"]["model"]

    @pytest.mark.parametrize("line", [gemini("x"), text(answered())], ids=["an id", "no id"])
    def test_if_nothing_was_kept_that_is_said(self, line: bytes) -> None:
        (loss,) = one(responses(), line, contexts={}).losses

        assert ("$", "no context was stored for its request") == (loss.path, loss.detail)

    def test_what_is_kept_of_a_line_without_id_is_kept_by_its_number(self) -> None:
        stored = one(requests(to_shape="gemini"), text(asked()), first=5).stored_context

        assert stored is not None
        assert "5" == stored.id


class TestRejects:
    def test_a_bad_line_stops_nothing(self) -> None:
        found = translated(requests(), openai("a", asked()), b"x\n", b"\n", openai("b", asked()))

        assert [(1, Line), (2, Reject), (4, Line)] == [(each.number, type(each)) for each in found]

    def test_a_remote_image_is_a_reject_that_names_its_url(self) -> None:
        url = "https://example.com/fox.png"
        content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "x"}]
        line = openai("a", asked(messages=[{"role": "user", "content": content}]))

        (record,) = documents(refused(requests(), line).record())

        assert (1, "a") == (record["line"], record["id"])
        assert ("InexpressibleError", "$.body.messages[0].content[0]", [url]) == (
            record["error"]["kind"],
            record["error"]["path"],
            record["error"]["urls"],
        )

    def test_under_strict_a_loss_of_a_setting_is_a_reject(self) -> None:
        line = openai("a", asked(size="1536x1024"))

        found = refused(requests(strict=True), line)

        assert ("LossyError", "$.body.size") == (type(found.error).__name__, found.error.path)

    def test_under_strict_a_loss_for_bookkeepers_is_none(self) -> None:
        line = openai("a", asked(), metadata=1)

        assert 1 == len(one(requests(strict=True), line).losses)

    @pytest.mark.parametrize("shape", ["gemini", "openai", "bare", "vertex"])
    def test_a_job_has_one_model(self, shape: Any) -> None:
        line = openai("a", asked())
        batch = requests(to_shape=shape, job=one(requests(to_shape=shape), line).job)
        other = openai("b", asked(model="gemini-3-pro-image-preview"))

        assert "a" == one(batch, line).id
        found = refused(batch, other).error
        assert ("$.body.model", True) == (found.path, MODEL in found.message)

    def test_a_job_has_one_endpoint(self) -> None:
        batch = requests(target="images")
        first = one(batch, openai("a", asked(model="gpt-image-2")))
        picture = {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlhLi4u"}}
        edit = asked([{"type": "text", "text": "a hat"}, picture], model="gpt-image-2")

        found = refused(attrs.evolve(batch, job=first.job), openai("b", edit)).error

        words = "have to be for /v1/images/generations, not /v1/images/edits"
        assert ("$.body", True) == (found.path, found.message.endswith(words))

    def test_a_job_has_one_api(self) -> None:
        """``native`` asks two; and lines of other shapes are none of its file."""
        batch = requests(target="chat", job=Job("openai", "/v1/chat/completions", MODEL))

        found = refused(batch, text({"id": "b", "body": asked()})).error

        words = "have to be of the shape openai, not id"
        assert ("$.body", True) == (found.path, found.message.endswith(words))

    def test_lines_that_name_their_paths_are_of_any_job(self) -> None:
        batch = requests(to_shape="id", job=Job("id", "/v1/images/generations", "gpt-image-2"))

        assert "b" == one(batch, openai("b", asked())).id

    def test_losses_are_records_of_their_own(self) -> None:
        line = one(requests(), openai("a", asked(size="1536x1024")), first=3)

        assert [
            {
                "line": 3,
                "id": "a",
                "kind": "APPROXIMATED",
                "level": "setting",
                "code": "nearest_size",
                "path": "$.body.size",
                "detail": "size 1536x1024 became aspect ratio 3:2",
            }
        ] == documents(line.loss_records())


def test_a_part_without_its_line_is_a_part() -> None:
    found = translate_line(gemini("a#2"), responses(), number=9, contexts=contexts(TWICE))

    assert isinstance(found, PendingReply)
    assert (9, 2, "a#2") == (found.number, found.call, found.id)
    assert "a#2" == json.loads(found.line)["key"]
