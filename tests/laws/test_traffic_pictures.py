"""The pictures that people really send, and what came back to them: each was got wrong once.

Public reports, recorded traffic and fixtures of public projects; the links stand at the rows.
"""

from __future__ import annotations

from typing import Any

import pytest

import imagewire
from hub import PNG, PNG_URI
from image_sdks import form_of
from imagewire import Endpoint, FailureKind, Options
from traffic import (
    MARKDOWN,
    MODERATED,
    PICTURE,
    URL,
    ask,
    document,
    from_form,
    levels,
    prompt,
    said,
    tell,
)


class TestPicturesOfRequests:
    @pytest.mark.parametrize("target", ["chat", "gemini", "images", "native"])
    def test_an_edit_without_a_picture_is_no_generation(self, target: str) -> None:
        """https://github.com/lidge-jun/opencodex/issues/2083"""
        with pytest.raises(imagewire.InexpressibleError) as caught:
            ask(prompt(), Endpoint("images", "edit"), target)

        assert ("image", 400) == (caught.value.param, caught.value.status)

    @pytest.mark.parametrize("name", ["image", "images", "input_references", "reference_images"])
    def test_files_with_numbers_are_pictures_in_their_order(self, name: str) -> None:
        """https://github.com/php/php-src/issues/15859: PHP cannot repeat a name."""
        result = from_form((f"{name}[1]", b"GIF89b", "b"), (f"{name}[0]", b"GIF89a", "a"))
        parts = document(result)["contents"][0]["parts"]

        assert ["R0lGODlh", "R0lGODli"] == [x["inlineData"]["data"] for x in parts[:2]]

    @pytest.mark.parametrize(
        "fields",
        [
            {"input_references": [PNG_URI]},
            {"reference_images": PNG},
            {"image_urls": [{"url": PNG_URI}]},
            {"images": [{"type": "image_url", "url": PNG_URI}]},
            {"images": [{"type": "image_url", "image_url": {"url": PNG_URI}}]},
            {"images": [{"b64_json": PNG}]},
            {"images": [{"base64": PNG}]},
            {"image": {"url": PNG_URI, "type": "image_url"}},
            {"image": [{"b64_json": PNG_URI}]},
            {"images[0]": {"url": PNG_URI}},
            {"input_references[]": [PNG_URI]},
        ],
        ids=str,
    )
    def test_a_picture_of_the_images_api_under_any_name(self, fields: Any) -> None:
        """xAI, OpenRouter, Volcengine and others write these."""
        result = ask(prompt(**fields), "images", "gemini")

        assert [PICTURE, {"text": "a fox"}] == document(result)["contents"][0]["parts"]
        assert set() == levels(result)

    @pytest.mark.parametrize(
        "part",
        [
            {"url": PNG_URI},
            {"b64_json": PNG},
            {"type": "image", "data": PNG},
            {"type": "image_url", "url": PNG_URI},
            {"type": "input_image", "image_url": PNG_URI},
            {"type": "file", "file": {"file_data": PNG_URI}},
        ],
        ids=str,
    )
    def test_a_picture_of_chat_under_any_name(self, part: Any) -> None:
        content = [part, {"type": "text", "text": "a fox"}]
        result = ask(said(messages=[{"role": "user", "content": content}]), "chat", "gemini")

        assert [PICTURE, {"text": "a fox"}] == document(result)["contents"][0]["parts"]

    def test_two_spellings_of_one_picture_that_differ_are_refused(self) -> None:
        for source, body in (
            ("images", prompt(image={"url": PNG_URI, "b64_json": "R0lGODlh"})),
            ("chat", said(messages=[{"role": "user", "content": [{"url": URL, "data": PNG}]}])),
        ):
            with pytest.raises(imagewire.MalformedError):
                ask(body, source, "gemini")

    def test_a_mark_up_is_refused_like_a_mask(self) -> None:
        for target in ("chat", "gemini"):
            with pytest.raises(imagewire.InexpressibleError) as caught:
                ask(prompt(image=PNG_URI, markup=PNG_URI), "images", target)

            assert "markup" == caught.value.param

    def test_a_mark_up_is_a_picture_in_json_and_a_file_in_a_form(self) -> None:
        body = prompt(image=PNG_URI, markup=PNG_URI)
        as_json = ask(body, "images", "images", options=Options(edit_body="json"))
        as_form = form_of(ask(body, "images", "images"))

        assert {"image_url": PNG_URI} == document(as_json)["markup"]
        assert ["image", "markup"] == [file.name for file in as_form.files]

    def test_a_stored_mark_up_may_be_refused(self) -> None:
        body = prompt(image=PNG_URI, markup={"file_id": "file-1"})
        with pytest.raises(imagewire.UnsupportedError):
            ask(body, "images", "images", options=Options(references="refuse"))

    def test_a_mark_up_needs_a_picture(self) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            ask(prompt(markup=PNG_URI), "images", "images")

        assert "markup" == caught.value.param

    def test_a_remote_mask_is_fetched_like_a_picture(self) -> None:
        body = prompt(image=PNG_URI, mask=URL, markup={"url": URL})
        result = ask(body, "images", "images", fetched={URL: b"GIF89a"})

        assert ["image", "mask", "markup"] == [file.name for file in form_of(result).files]

    @pytest.mark.parametrize("turned", [False, True])
    def test_a_run_of_user_turns_is_one_edit(self, turned: bool) -> None:  # noqa: FBT001
        contents = [
            {"role": "user", "parts": [PICTURE]},
            {"role": "user", "parts": [{"text": "Make it night"}]},
            {"role": "user", "parts": [{"text": ""}]},
        ]
        contents[:2] = contents[1::-1] if turned else contents[:2]
        result = ask({"contents": contents}, "gemini", "images")

        assert "/v1/images/edits" == result.path
        assert "Make it night" == dict(form_of(result).fields)["prompt"]
        assert () == result.losses


class TestPicturesOfReplies:
    @pytest.mark.parametrize(
        ("entry", "words"),
        [
            ({"b64_json": "", "respect_moderation": False}, "no picture here"),
            ({"error": MODERATED}, "Not this one."),
            ({"error": "Not this one."}, "Not this one."),
            ({}, "no picture here"),
            (None, "no picture here"),
            ("x", "no picture here"),
            ({"b64_json": "!!"}, "invalid base64"),
            ({"b64_json": 5}, "no picture here"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("target", ["chat", "gemini", "images"])
    def test_a_bad_entry_costs_no_good_one(self, entry: Any, words: str, target: str) -> None:
        """https://github.com/vercel/ai/issues/19168"""
        result = tell({"created": 1, "data": [{"b64_json": PNG}, entry]}, "images", target)
        [loss] = [loss for loss in result.losses if loss.level == "content"]

        assert 200 == result.status
        assert ("$.data[1]", True) == (loss.path[:9], words in loss.detail)
        assert PNG in bytes(result.body).decode()

    @pytest.mark.parametrize(
        ("data", "kind", "words"),
        [
            ([{"error": MODERATED}], "content_blocked", "Not this one."),
            ([None, {"error": MODERATED}], "content_blocked", "Not this one."),
            ([{"b64_json": "", "respect_moderation": False}], "content_blocked", "blocked by"),
            ([{"error": "Oh no."}], "internal", "Oh no."),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("target", ["chat", "gemini", "images"])
    def test_if_all_are_bad_it_is_a_failure_in_the_upstream_s_words(
        self, data: Any, kind: str, words: str, target: str
    ) -> None:
        result = tell({"data": data}, "images", target)

        assert FailureKind(kind) == result.failure.kind
        assert words in bytes(result.body).decode()

    @pytest.mark.parametrize("data", [[None], [{}], [], ["x"]], ids=str)
    def test_without_a_word_it_is_malformed(self, data: Any) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            tell({"data": data}, "images", "chat")

        assert 502 == caught.value.status

    @pytest.mark.parametrize(
        "parts",
        [
            [{"inlineData": {"mimeType": "image/png", "data": ""}}, PICTURE],
            [{"text": "a", "inlineData": PICTURE["inlineData"]}, PICTURE],
            ["x", PICTURE],
            [{"text": 5}, PICTURE],
            [{"inlineData": {"data": "!!"}}, PICTURE],
        ],
        ids=str,
    )
    def test_a_bad_part_of_gemini_costs_no_good_one(self, parts: Any) -> None:
        result = tell({"candidates": [{"content": {"parts": parts}}]}, "gemini", "images")

        assert [PNG] == [item["b64_json"] for item in document(result)["data"]]
        assert [("content", "$.candidates[0].content.parts[0]")] == [
            (level, path[:32]) for level, path in levels(result)
        ]

    @pytest.mark.parametrize("bad", [None, "x", {"content": {"parts": [5]}}, {"content": 5}])
    def test_a_bad_candidate_costs_no_good_one(self, bad: Any) -> None:
        body = {"candidates": [bad, {"content": {"parts": [PICTURE]}}]}
        result = tell(body, "gemini", "images")

        assert [PNG] == [item["b64_json"] for item in document(result)["data"]]
        assert levels(result)

    def test_an_upstream_that_is_all_bad_is_malformed(self) -> None:
        """Each entry costs one more look, so that they are not looked at without end."""
        body = {"candidates": [{"content": {"parts": [5] * 40}}]}
        with pytest.raises(imagewire.MalformedError):
            tell(body, "gemini", "chat")

    @pytest.mark.parametrize(
        "bad",
        [{"image_url": {"url": ""}}, {"image_url": {}}, {"type": "image_url"}, 5, {"url": "!"}],
        ids=str,
    )
    def test_a_bad_picture_of_chat_costs_no_good_one(self, bad: Any) -> None:
        message = {"role": "assistant", "content": "", "images": [bad, {"b64_json": PNG}]}
        result = tell({"choices": [{"message": message}]}, "chat", "images")

        assert [PNG] == [item["b64_json"] for item in document(result)["data"]]
        assert {"content"} == {level for level, _ in levels(result)}

    @pytest.mark.parametrize("bad", [None, {}, {"message": 5}, {"error": {"message": "Oh no."}}])
    def test_a_bad_choice_costs_no_good_one(self, bad: Any) -> None:
        good = {"message": {"content": [{"type": "image_url", "image_url": {"url": PNG_URI}}]}}
        result = tell({"choices": [bad, good]}, "chat", "images")

        assert [PNG] == [item["b64_json"] for item in document(result)["data"]]
        assert {("content", "$.choices[0]")} == {(x, path[:12]) for x, path in levels(result)}

    def test_an_error_beside_a_picture_leaves_the_picture(self) -> None:
        message = {"content": [{"type": "image_url", "image_url": {"url": PNG_URI}}]}
        body = {"choices": [{"message": message, "error": {"message": "Cut off."}}]}
        result = tell(body, "chat", "gemini")

        assert PNG in bytes(result.body).decode()
        assert {("content", "$.choices[0].error")} == levels(result)

    @pytest.mark.parametrize("words", [f"![image]({PNG_URI})", PNG_URI, f"{PNG_URI}\n"])
    @pytest.mark.parametrize("place", ["gemini", "chat", "part"])
    def test_a_picture_in_a_text_is_one(self, words: str, place: str) -> None:
        content = [{"type": "text", "text": words}] if place == "part" else words
        body: Any = {"choices": [{"message": {"content": content}}]}
        if place == "gemini":
            body = {"candidates": [{"content": {"parts": [{"text": words}]}}]}
        source = "gemini" if place == "gemini" else "chat"
        result = tell(body, source, "images", options=MARKDOWN)

        assert [PNG] == [item["b64_json"] for item in document(result)["data"]]

    @pytest.mark.parametrize("words", ["data:,hi", "data:;base64,AAAA", "data:image/png;base64,!"])
    def test_a_text_that_is_no_picture_stays_one(self, words: str) -> None:
        body = {"candidates": [{"content": {"parts": [{"text": words}]}}]}

        assert words in bytes(tell(body, "gemini", "chat", options=MARKDOWN).body).decode()
