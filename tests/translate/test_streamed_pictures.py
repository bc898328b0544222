"""Pictures that an upstream writes as markdown, in pieces: as in whole replies, folded and live."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hub
import imagewire
from bodies import document
from bypass import base64_of
from events import data_of, message_of, sent
from imagewire import StreamTranslator
from imagewire.model import Failure, ImageResponse, Part
from slices import (
    MARKDOWN,
    OTHER,
    URI,
    cuts,
    delta,
    finish,
    folded_parts,
    parts_of,
    sliced_text,
    stream,
    texts,
    whole,
)
from stream_laws import CONTEXT, WHOLE, folded
from streamed import CHAT_USAGE, CUT_OFF, IMAGE, chunk, piece

SOURCES = ["chat", "gemini"]
FACES = list(imagewire.FORMATS)
HALVES = f"a fox\n\n![image]({URI[:40]}", f"{URI[40:]}) there"
EACH_SOURCE = pytest.mark.parametrize("source", SOURCES)
EACH_FACE = pytest.mark.parametrize("target", FACES)


def live(source: str, target: str, *slices: bytes, **about: Any) -> tuple[bytes, StreamTranslator]:
    translator = StreamTranslator(
        source=source, target=target, context=CONTEXT, created=1, options=MARKDOWN, **about
    )
    out = [segment for data in slices for segment in translator.feed(data)]
    return b"".join((*out, *translator.close())), translator


def pictures(body: bytes, name: str) -> list[str | None]:
    """The pictures of a stream or of a whole reply, in order."""
    response: ImageResponse | Failure
    if body.startswith(b"{"):
        response = imagewire.FORMATS[name].read_response(body).value
    else:
        response = folded(body, name, imagewire.Options())
    assert isinstance(response, ImageResponse)
    images = [part.image for candidate in response.candidates for part in candidate.parts]
    return [image.data or image.url for image in images if image is not None]


class TestFolded:
    @EACH_SOURCE
    @settings(max_examples=60)
    @given(text=texts, places=cuts)
    def test_any_slices_of_a_text_are_read_as_the_whole_text_is(
        self, source: str, text: str, places: list[int]
    ) -> None:
        body = stream(source, sliced_text(text, places))

        assert parts_of(whole(source, text)) == folded_parts(source, body)

    @EACH_SOURCE
    @settings(max_examples=60)
    @given(first=texts, second=texts, places=cuts, order=st.randoms(use_true_random=False))
    def test_answers_have_texts_of_their_own(
        self, source: str, first: str, second: str, places: list[int], order: Any
    ) -> None:
        queues = [sliced_text(text, places) for text in (first, second)]
        turns = [number for number, queue in enumerate(queues) for _ in queue]
        order.shuffle(turns)
        events = [delta(source, queues[number].pop(0), number) for number in turns]

        body = sent(*events, finish(source, 0), finish(source, 1))

        assert parts_of(whole(source, first, second)) == folded_parts(source, body)

    @settings(max_examples=60)
    @given(several=st.lists(texts, min_size=2, max_size=3), places=cuts, kind=st.integers(0, 2))
    def test_other_parts_end_a_text(self, several: list[str], places: list[int], kind: int) -> None:
        """A signed text is one of its own; thoughts and pictures stand between texts."""
        between: dict[str, Any] = (
            {"text": f"so ![a]({URI})", "thoughtSignature": "AAAA"},
            {"text": f"![a]({URI})", "thought": True},
            {"inlineData": {"mimeType": "image/png", "data": hub.PNG}},
        )[kind]
        events = [[piece({"text": t}) for t in sliced_text(text, places)] for text in several]
        for slices in events[1:]:
            slices.insert(0, piece(between))
        parts = [part for text in several for part in (between, {"text": text})][1:]
        body = {"candidates": [{"content": {"parts": parts}}]}

        told = sent(*itertools.chain(*events), finish("gemini"))

        read = imagewire.gemini.read_response(body, options=MARKDOWN).value
        assert parts_of(read) == folded_parts("gemini", told)

    @EACH_SOURCE
    @given(places=cuts)
    def test_a_picture_whose_type_is_wrong_is_reported_where_it_ends(
        self, source: str, places: list[int]
    ) -> None:
        slices = sliced_text(f"![a](data:image/webp;base64,{hub.PNG})", places)

        result = imagewire.translate_response(
            stream(source, [*slices, " there"]), source=source, target="chat", options=MARKDOWN
        )

        paths = {"chat": "choices[0].delta.content", "gemini": "candidates[0].content.parts[0]"}
        assert [f"$[{len(slices) - 1}].{paths[source]}"] == [
            loss.path for loss in result.losses if loss.code == "wrong_media_type"
        ]

    def test_where_too_many_pictures_are_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("imagewire.rules.markdown.MAX_ITEMS", 2)
        body = stream("chat", ["a", "![](https://a.b)" * 3])

        with pytest.raises(imagewire.MalformedError, match="more than 2 pictures") as caught:
            folded(body, "chat", MARKDOWN)

        assert "$[1].choices[0].delta.content" == caught.value.path

    def test_a_signature_stays_with_the_picture_as_in_a_whole_reply(self) -> None:
        mark = {"google": {"thought_signature": hub.SIGNATURE}}
        signed = {"content": f"a fox\n\n![a]({URI})", "extra_content": mark}
        body = {"choices": [{"message": signed}]}

        told = sent(chunk(signed), finish("chat"))

        read = imagewire.chat.read_response(body, options=MARKDOWN).value
        assert parts_of(read) == folded_parts("chat", told)
        assert [None, hub.SIGNATURE] == [part.signature for part in read.candidates[0].parts]

    def test_words_of_a_format_without_markdown_stay_text(self) -> None:
        item = {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": f"![a]({URI})"}],
        }
        events = (
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"object": "response", "output": [item]}},
        )

        assert [[Part(text=f"![a]({URI})")]] == folded_parts("responses", sent(*events))


class TestLive:
    @EACH_SOURCE
    @EACH_FACE
    @settings(max_examples=40)
    @given(text=texts, places=cuts)
    def test_every_face_gets_the_pictures_of_the_whole_text_in_order(
        self, source: str, target: str, text: str, places: list[int]
    ) -> None:
        body = stream(source, sliced_text(text, places))
        read = imagewire.translate_response(
            stream(source, [text]), source=source, target=target, options=MARKDOWN, context=WHOLE
        )

        out, translator = live(source, target, body)

        if read.status >= 400:
            assert (read.status, bytes(read.body)) == (translator.status, out)
        else:
            assert pictures(bytes(read.body), target) == pictures(out, target)

    @EACH_SOURCE
    @EACH_FACE
    @settings(max_examples=20)
    @given(text=texts, places=cuts)
    def test_losses_are_those_of_the_folded_stream(
        self, source: str, target: str, text: str, places: list[int]
    ) -> None:
        body = stream(source, sliced_text(text, places))
        kinds = {"wrong_media_type", "missing_media_type"}
        result = imagewire.translate_response(body, source=source, target=target, options=MARKDOWN)

        _, translator = live(source, target, body)

        assert [(x.code, x.path) for x in result.losses if x.code in kinds] == [
            (x.code, x.path) for x in translator.losses if x.code in kinds
        ]

    @EACH_SOURCE
    def test_a_paid_picture_in_pieces_reaches_the_images_face(self, source: str) -> None:
        out, translator = live(source, "images", stream(source, HALVES))

        assert (200, None) == (translator.status, translator.failure)
        assert [hub.PNG] == pictures(out, "images")

    @EACH_SOURCE
    def test_words_go_out_with_their_event(self, source: str) -> None:
        translator = StreamTranslator(
            source=source, target="chat", context=CONTEXT, created=1, options=MARKDOWN
        )

        said = [
            data_of(b"".join(translator.feed(sent(delta(source, text)))))[-1]["choices"][0]["delta"]
            for text in ("a fox", " (red)", *HALVES)
        ]

        assert ["a fox", " (red)", "a fox", " there"] == [each["content"] for each in said]

    @EACH_SOURCE
    def test_what_was_held_comes_before_the_end_and_the_usage(self, source: str) -> None:
        usage = chunk({}) | {"choices": [], "usage": CHAT_USAGE}
        ends = [finish(source), *([usage] if source == "chat" else [])]
        body = sent(delta(source, "Wow"), delta(source, "!"), *ends, b"[DONE]")

        out, _ = live(source, "chat", body)

        choices = [event["choices"][:1] for event in data_of(out)[:-1]]
        said = [(c["delta"].get("content"), c["finish_reason"]) for [c] in filter(None, choices)]
        assert [("", None), ("Wow", None), ("!", None), (None, "stop")] == said

    @EACH_SOURCE
    def test_an_answer_that_goes_on_ends_no_text(self, source: str) -> None:
        """Log probabilities, say, or an index: a field that stands beside words."""
        body = sent(*(delta(source, text, avgLogprobs=-0.5) for text in HALVES), finish(source))

        out, _ = live(source, "images", body)

        assert [hub.PNG] == pictures(out, "images")

    def test_a_refusal_of_the_prompt_ends_all_texts(self) -> None:
        body = sent(
            piece({"text": "a!"}), piece({"text": "b!"}, index=1),
            {"promptFeedback": {"blockReason": "SAFETY"}},
        )  # fmt: skip

        out, _ = live("gemini", "chat", body)

        words = [e["choices"][0]["delta"].get("content") for e in data_of(out)[:-1] if e["choices"]]
        assert ["a", "b", "!", "!"] == [text for text in words if text]

    def test_a_data_uri_is_reported_where_its_last_piece_came(self) -> None:
        slices = "data:image/webp;base64,", hub.PNG
        body = sent(*(delta("chat", text) for text in slices), chunk({}), finish("chat"))

        _, translator = live("chat", "gemini", body)

        assert ["$[1].choices[0].delta.content"] == [
            loss.path for loss in translator.losses if loss.code == "wrong_media_type"
        ]

    def test_what_reading_corrects_is_told_with_its_event(self) -> None:
        wrong = {"inlineData": {"mimeType": "image/webp", "data": hub.PNG}}
        body = sent(piece({"text": "a!"}), piece(wrong), finish("gemini"))

        _, translator = live("gemini", "chat", body)

        assert ["$[1].candidates[0].content.parts[0].inlineData.mimeType"] == [
            loss.path for loss in translator.losses if loss.code == "wrong_media_type"
        ]


class TestFailures:
    @EACH_SOURCE
    def test_words_that_were_held_come_before_it(self, source: str) -> None:
        error = {"error": {"code": 429, "message": "Slow down."}}

        out, _ = live(source, "chat", sent(delta(source, "a!"), error))

        texts = [e["choices"][0]["delta"].get("content") for e in data_of(out)[:-1] if "id" in e]
        assert ["", "a", "!"] == texts
        assert "Slow down." == message_of(out)

    @EACH_SOURCE
    @pytest.mark.parametrize("bad", [b"{", b'{"error":{"code":429,"message":"Slow down."}}', b""])
    def test_half_a_picture_is_none(self, source: str, bad: bytes) -> None:
        """Base64 that is broken off may be sound all the same."""
        half = URI[:70], URI[70:90]
        body = sent(*(delta(source, text) for text in half), *([bad] if bad else []))

        out, translator = live(source, "chat", body)
        folding = None if bad == b"{" else folded(body, source, MARKDOWN)

        texts = [e["choices"][0]["delta"].get("content") for e in data_of(out)[:-1] if "id" in e]
        assert ["", "".join(half)] == texts
        assert translator.failure is not None
        assert folding is None or isinstance(folding, Failure)

    @EACH_SOURCE
    def test_a_malformed_event_keeps_a_picture_before_it(self, source: str) -> None:
        body = sent(*(delta(source, text) for text in (*HALVES, "!")), b"{")

        result = imagewire.translate_response(
            body, source=source, target="images", options=MARKDOWN
        )

        assert [hub.PNG] == [item["b64_json"] for item in document(result)["data"]]
        assert "$[3]" in [loss.path for loss in result.losses if loss.code == "broken_stream"]

    @EACH_SOURCE
    def test_a_stream_without_an_end_keeps_a_data_uri_of_one_event(self, source: str) -> None:
        out, translator = live(source, "images", sent(delta(source, URI)))

        assert b'"image_generation.completed"' in out
        assert CUT_OFF == message_of(out, translator.status)


class TestLarge:
    @EACH_SOURCE
    @EACH_FACE
    @pytest.mark.parametrize("size", [50_000, 60_001, 100_003, 400_000])
    @pytest.mark.parametrize("form", ["![image]({})", "{}", "a!\n\n![image]({}) there"])
    def test_slices_of_any_size_are_one_picture(
        self, source: str, target: str, size: int, form: str
    ) -> None:
        """Those that go around the codec, too."""
        data = base64_of(300_000)
        text = form.format(f"data:image/png;base64,{data}")
        body = stream(source, [text[at : at + size] for at in range(0, len(text), size)])

        out, _ = live(source, target, body)
        result = imagewire.translate_response(
            body, source=source, target=target, options=MARKDOWN, created=1
        )

        assert [data] == pictures(out, target)
        assert [data] == pictures(bytes(result.body), target)

    def test_a_data_uri_whose_payload_went_around_waits_for_its_end(self) -> None:
        data = base64_of(300_000)
        translator = StreamTranslator(
            source="gemini", target="images", context=CONTEXT, created=1, options=MARKDOWN
        )

        first = translator.feed(sent(piece({"text": f"data:image/png;base64,{data}"})))
        segments = [*translator.feed(sent(finish("gemini"))), *translator.close()]

        assert () == first
        assert [True] == [len(s) > 300_000 for s in segments if isinstance(s, memoryview)]
        assert [data] == pictures(b"".join(segments), "images")
        assert not translator._bypass.holds

    def test_url_safe_slices_become_standard_base64(self) -> None:
        data = base64_of(300_000)
        odd = data.replace("+", "-").replace("/", "_")
        slices = [odd[at : at + 60_001] for at in range(0, len(odd), 60_001)]

        out, _ = live("chat", "chat", stream("chat", [f"![a]({URI[:22]}", *slices, ")"]))

        assert [data] == pictures(out, "chat")


def test_pictures_beside_the_words_stay_in_order() -> None:
    body = sent(
        delta("chat", f"![a]({OTHER[:30]}"), delta("chat", f"{OTHER[30:]})"),
        chunk({"images": [IMAGE]}), delta("chat", "data:image/gif;"), chunk({"reasoning": "hm"}),
        delta("chat", OTHER), finish("chat"),
    )  # fmt: skip

    out, _ = live("chat", "images", body)

    assert [hub.GIF, hub.PNG, hub.GIF] == pictures(out, "images")
    assert msgspec.json.encode(hub.GIF) in out
