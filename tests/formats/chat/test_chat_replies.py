"""Chat replies: answers, ids and times, what is no reply, unknown fields."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

import imagewire
from cases import case
from chat_bodies import (
    COUNTS,
    IMAGE,
    IMAGE_BLOCKED,
    TEXT,
    URI,
    Json,
    candidate_of,
    choice_of,
    read_reply,
    refused,
    reply_of,
    spoken,
    translate_reply,
    write_reply,
)
from hub import AUDIO, EXTRAS, HELLO, MODEL, PICTURE, SIGNATURE, USAGE, response
from imagewire.errors import MalformedError
from imagewire.model import (
    Candidate,
    Foreign,
    Image,
    ImageResponse,
    ImageSettings,
    Part,
    ReplyContext,
)
from imagewire.options import Options

SIGNED = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
NO_IMAGE = "The model returned no image."

#: A choice and its candidate: each is read into the other and written back.
TWINS = [
    case("an-image", choice_of(IMAGE), candidate_of(PICTURE)),
    case("order", choice_of(TEXT, IMAGE, TEXT), candidate_of(HELLO, PICTURE, HELLO)),
    case("text-without-image", spoken({"content": "a fox", "refusal": None}), candidate_of(HELLO)),
    case(
        "signed-text",
        spoken({"content": "a fox", "refusal": None, **SIGNED}),
        candidate_of(structs.replace(HELLO, signature=SIGNATURE)),
    ),
    case(
        "signed-image",
        choice_of({**IMAGE, **SIGNED}),
        candidate_of(structs.replace(PICTURE, signature=SIGNATURE)),
    ),
    case(
        "remote-image",
        choice_of({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}),
        candidate_of(Part(image=Image(url="https://example.com/a.png"))),
    ),
    case(
        "refused-with-words",
        refused("Not this.", stage="output"),
        candidate_of(finish="SAFETY", finish_message="Not this."),
    ),
    case("refused", refused(IMAGE_BLOCKED, stage="output"), candidate_of(finish="SAFETY")),
    case(
        "image-refused",
        refused(IMAGE_BLOCKED, stage="output", native_finish_reason="IMAGE_SAFETY"),
        candidate_of(finish="IMAGE_SAFETY"),
    ),
    case(
        "none", refused(NO_IMAGE, native_finish_reason="NO_IMAGE"), candidate_of(finish="NO_IMAGE")
    ),
    case("nothing-at-all", refused(NO_IMAGE, "stop"), candidate_of()),
    case("too-long", refused(NO_IMAGE, "length"), candidate_of(finish="MAX_TOKENS")),
    case(
        "a-foreign-part",
        choice_of(TEXT, AUDIO),
        candidate_of(HELLO, Part(foreign=Foreign(format="chat", kind="input_audio", value=AUDIO))),
    ),
    case(
        "a-function-call",
        spoken({"content": None, "refusal": None, "function_call": {"name": "f"}}),
        candidate_of(
            Part(
                foreign=Foreign(
                    format="chat", kind="function_call", value={"function_call": {"name": "f"}}
                )
            )
        ),
    ),
]


class TestAnswers:
    @pytest.mark.parametrize(("choice", "candidate"), TWINS)
    def test_a_choice_is_read_as_a_candidate(self, choice: Json, candidate: Candidate) -> None:
        assert (candidate,) == read_reply(reply_of(choice)).candidates

    @pytest.mark.parametrize(("choice", "candidate"), TWINS)
    def test_a_candidate_is_written_as_that_choice(
        self, choice: Json, candidate: Candidate
    ) -> None:
        assert ([choice], []) == (
            write_reply(response(candidates=(candidate,)))[0]["choices"],
            write_reply(response(candidates=(candidate,)))[1],
        )

    @pytest.mark.parametrize(
        ("choice", "candidate"),
        [
            (spoken({"content": "a fox", "images": [IMAGE]}), candidate_of(HELLO, PICTURE)),
            (spoken({"content": None, "images": [{**IMAGE, "index": 0}]}), candidate_of(PICTURE)),
            (spoken({"image": {"url": URI}}), candidate_of(PICTURE)),
            (spoken({"images": [URI]}), candidate_of(PICTURE)),
            ({"message": {"content": [IMAGE]}}, candidate_of(PICTURE)),
            (
                spoken({"content": [TEXT, {"type": "refusal", "refusal": "No."}]}),
                candidate_of(HELLO, finish_message="No."),
            ),
            (spoken({"content": [TEXT, {"type": "refusal", "refusal": ""}]}), candidate_of(HELLO)),
        ],
        ids=["images", "index", "singular", "strings", "bare", "refusal-part", "empty-refusal"],
    )
    def test_gateways_other_spellings_are_understood(
        self, choice: Json, candidate: Candidate
    ) -> None:
        assert (candidate,) == read_reply(reply_of(choice)).candidates

    def test_markdown_is_read_if_asked_for(self) -> None:
        body = reply_of(spoken({"content": f"a fox\n\n![image]({URI})"}))

        assert (HELLO, PICTURE) == read_reply(body, Options(read_markdown=True)).candidates[0].parts

    def test_each_candidate_is_a_choice(self) -> None:
        body, _ = write_reply(response(candidates=(candidate_of(PICTURE), candidate_of(HELLO))))

        assert [(0, [IMAGE]), (1, "a fox")] == [
            (choice["index"], choice["message"]["content"]) for choice in body["choices"]
        ]


class TestBookkeeping:
    @pytest.mark.parametrize(
        ("created", "expected"),
        [
            (1735689600, 1735689600),
            ("1735689600", 1735689600),
            (1735689600.0, 1735689600),
            (1735689600.7, 1735689600),
            (0, None),
            (None, None),
        ],
        ids=repr,
    )
    def test_a_time_is_read_in_any_type(self, created: Any, expected: int | None) -> None:
        assert expected == read_reply(reply_of(created=created)).created

    @pytest.mark.parametrize("created", ["inf", "NaN", "-Infinity", "yesterday", []], ids=repr)
    def test_what_is_no_time_is_ignored_and_reported(self, created: Any) -> None:
        outcome = imagewire.chat.read_response(reply_of(created=created))

        assert outcome.value.created is None
        assert ["$.created"] == [loss.path for loss in outcome.losses]

    @pytest.mark.parametrize(
        ("value", "created", "expected", "losses"),
        [
            (response(), 5, 1735689600, []),
            (response(created=None), 5, 5, []),
            (response(created=None), None, 0, [("DEFAULTED", "METADATA", "$.created")]),
        ],
        ids=["the-sources", "the-callers", "none"],
    )
    def test_a_time_is_the_sources_else_the_callers_else_zero(
        self, value: ImageResponse, created: int | None, expected: int, losses: list[Any]
    ) -> None:
        body, found = write_reply(value, created=created)

        assert (expected, losses) == (body["created"], found)

    def test_an_id_is_the_sources_else_the_callers(self) -> None:
        assert "r1" == write_reply(response(), response_id="mine")[0]["id"]
        assert "mine" == write_reply(response(id=None), response_id="mine")[0]["id"]

    def test_an_id_is_made_up_from_the_answer_alone(self) -> None:
        answers = [
            response(id=None),
            response(HELLO, id=None),
            response(PICTURE, PICTURE, id=None),
            response(Part(image=Image(url="https://example.com/a.png")), id=None),
            response(Part(foreign=Foreign(format="chat", kind="x", value=AUDIO)), id=None),
            response(id=None, usage=None),
            response(id=None, usage=structs.replace(USAGE, total=13)),
        ]
        ids = [write_reply(answer)[0]["id"] for answer in answers]

        assert ids == [
            write_reply(structs.replace(answer, created=1))[0]["id"] for answer in answers
        ]
        assert len(answers) == len(set(ids))
        assert all(made_up.startswith("chatcmpl-") for made_up in ids)

    @pytest.mark.parametrize(
        ("value", "context", "options", "expected"),
        [
            (response(model_as_given=MODEL), ReplyContext(model="mine"), Options(), "mine"),
            (response(model_as_given=MODEL), ReplyContext(), Options(), MODEL),
            (response(), ReplyContext(), Options(model_ids="prefixed"), f"google/{MODEL}"),
            (response(model_as_given="models/x"), ReplyContext(), Options(model_ids="bare"), MODEL),
        ],
        ids=["the-clients", "the-sources", "prefixed", "bare"],
    )
    def test_a_model_is_the_clients_else_the_sources(
        self, value: ImageResponse, context: ReplyContext, options: Options, expected: str
    ) -> None:
        assert (expected, []) == (
            write_reply(value, options, context=context)[0]["model"],
            write_reply(value, options, context=context)[1],
        )

    def test_a_reply_without_a_model_says_so(self) -> None:
        body, losses = write_reply(response(model=None))

        assert ("", [("DEFAULTED", "METADATA", "$.model")]) == (body["model"], losses)
        assert (None, None) == (read_reply(body).model, read_reply(body).model_as_given)

    def test_what_the_images_api_says_of_its_pictures_is_dropped(self) -> None:
        value = response(image=ImageSettings(quality="high"))

        assert [("DROPPED", "METADATA", "$.image.quality")] == write_reply(value)[1]


class TestWhatIsNoReply:
    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (reply_of(error={"message": "x"}), "$.error"),
            ({**reply_of(), "choices": []}, "$.choices"),
            ({**reply_of(), "choices": None}, "$.choices"),
            ({}, "$.choices"),
            (reply_of({"index": 0}), "$.choices[0].message"),
            (reply_of({"index": 0, "delta": {}}), "$.choices[0].message"),
        ],
        ids=["error", "no-choices", "null", "empty", "no-message", "stream"],
    )
    def test_it_is_the_upstreams_fault(self, body: Json, path: str) -> None:
        with pytest.raises(MalformedError) as caught:
            read_reply(body)

        assert (path, 502) == (caught.value.path, caught.value.status)

    def test_an_error_under_200_is_a_failure(self) -> None:
        body = {"error": {"message": "slow down", "type": "rate_limit_error", "code": None}}
        found = imagewire.translate_response(body, source="chat", target="gemini")

        assert found.failure is not None
        assert (429, "slow down") == (found.status, found.failure.message)

    def test_an_error_of_null_is_none(self) -> None:
        assert (PICTURE,) == read_reply(reply_of(error=None)).candidates[0].parts


MESSAGE = {"role": "assistant", "content": [IMAGE], "refusal": None}
#: A reply with an unknown field at some level, by where it stands.
UNKNOWN = {
    "$.z": reply_of(z=1),
    "$.choices[0].z": reply_of(choice_of(IMAGE, z=1)),
    "$.choices[0].message.z": reply_of(choice_of(message={**MESSAGE, "z": 1})),
    "$.choices[0].message.content[0].z": reply_of(choice_of({**IMAGE, "z": 1})),
    "$.choices[0].message.content[0].image_url.z": reply_of(
        choice_of({**IMAGE, "image_url": {"url": URI, "z": 1}})
    ),
    "$.choices[0].moderation_details.categories": reply_of(
        refused(
            "No.",
            stage="output",
            moderation_details={"moderation_stage": "output", "categories": ["a"]},
        )
    ),
    "$.usage.z": reply_of(usage={**COUNTS, "z": 1}),
}
#: The same, where no other format has any use for it.
SILENT = [
    reply_of(system_fingerprint="fp_1"),
    reply_of(service_tier="default"),
    reply_of(provider="x"),
    reply_of(choice_of(IMAGE, logprobs={"content": [{"token": "a"}]})),
    reply_of(choice_of(message={**MESSAGE, "annotations": [{"type": "url_citation"}]})),
    reply_of(choice_of(IMAGE, native_finish_reason="completed")),
]


class TestUnknownFields:
    @pytest.mark.parametrize("body", [*UNKNOWN.values(), *SILENT])
    def test_chat_gets_them_back(self, body: Json) -> None:
        assert (body, []) == translate_reply(body, "chat", "chat")

    @pytest.mark.parametrize("path", UNKNOWN)
    def test_another_format_reports_them_where_they_stand(self, path: str) -> None:
        assert [("DROPPED", "METADATA", path)] == translate_reply(UNKNOWN[path], "chat", "gemini")[
            1
        ]

    @pytest.mark.parametrize("body", [*SILENT, reply_of(choice_of(IMAGE, logprobs=None))])
    def test_bookkeeping_vanishes_in_silence(self, body: Json) -> None:
        assert [] == translate_reply(body, "chat", "gemini")[1]

    def test_another_formats_fields_are_reported(self) -> None:
        body, losses = write_reply(response(extras=EXTRAS))

        assert {"team": "x"} == body["labels"]
        assert [("DROPPED", "METADATA", "$.extras.labels")] * 3 == losses
