"""Events of the hub: a reply as events, and events as one reply."""

from __future__ import annotations

import pytest
from msgspec import structs

import hub
import imagewire
from imagewire.model import (
    Block,
    Candidate,
    FinishEvent,
    Image,
    ImageEvent,
    ImageResponse,
    Part,
    PartEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
)
from imagewire.rules import events
from imagewire.rules.events import Fold, Progress, events_of


def folded(*events: StreamEvent) -> ImageResponse:
    fold = Fold()
    for event in events:
        fold.add(event)
    return fold.response()


def text(words: str, candidate: int = 0, *, signature: str | None = None) -> TextEvent:
    return TextEvent(candidate=candidate, part=Part(text=words, signature=signature))


class TestProgress:
    IMAGE = ImageEvent(part=Part(image=Image(data=hub.PNG)))

    def test_what_a_stream_has_told(self) -> None:
        progress = Progress()
        assert (None, False, False) == (progress.last, progress.has_image, progress.is_finished)

        progress.take(text("a", 2))
        progress.take(FinishEvent(finish_message="b"))
        assert (2, False, False) == (progress.last, progress.has_image, progress.is_finished)

        progress.take(self.IMAGE)
        progress.take(FinishEvent(finish="STOP"))
        assert (0, True, True) == (progress.last, progress.has_image, progress.is_finished)

    def test_a_refused_prompt_is_an_end(self) -> None:
        progress = Progress()
        progress.take(FinishEvent(block=Block(reason="SAFETY")))

        assert progress.is_finished

    @pytest.mark.parametrize(
        ("event", "name", "things"),
        [(text("a"), "MAX_ANSWERS", "answers"), (IMAGE, "MAX_ITEMS", "pictures")],
        ids=["answers", "pictures"],
    )
    def test_more_than_any_api_makes_is_refused_once(
        self, event: PartEvent, name: str, things: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(events, name, 2)
        progress = Progress()
        told = [structs.replace(event, candidate=number) for number in range(4)]

        progress.take(told[0])
        progress.take(told[1])
        with pytest.raises(imagewire.MalformedError, match=f"more than 2 {things}"):
            progress.take(told[2])
        progress.take(told[3])


class TestFolding:
    def test_neighbouring_texts_are_one_unless_they_are_signed(self) -> None:
        response = folded(text("a"), text("b"), text("c", signature="s"), text("d"), text("e"))

        [candidate] = response.candidates
        assert ["ab", "c", "de"] == [part.text for part in candidate.parts]

    def test_thoughts_are_not_joined_with_words(self) -> None:
        thoughts = [TextEvent(part=Part(text=words, thought=True)) for words in ("h", "m")]

        [candidate] = folded(*thoughts, text("a"), text("b")).candidates

        assert [("hm", True), ("ab", False)] == [(p.text, p.thought) for p in candidate.parts]

    def test_answers_go_by_their_numbers(self) -> None:
        response = folded(text("b", 1), text("a"), text("c", 1))

        assert ["a", "bc"] == [candidate.parts[0].text for candidate in response.candidates]

    def test_what_is_told_later_counts(self) -> None:
        response = folded(StartEvent(id="a", created=1), StartEvent(id="b", model="m"), text("x"))

        assert ("b", 1, "m") == (response.id, response.created, response.model)

    def test_an_event_of_nothing_changes_nothing(self) -> None:
        assert ImageResponse() == folded(StreamEvent())

    def test_messages_are_joined(self) -> None:
        response = folded(
            FinishEvent(finish_message="a"), FinishEvent(finish="OTHER", finish_message="b")
        )

        assert (Candidate(finish="OTHER", finish_message="ab"),) == response.candidates

    def test_a_reply_comes_back(self) -> None:
        response = hub.response()

        assert response == folded(*events_of(response))
