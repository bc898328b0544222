"""Chat replies: answers and how they ended, refusals, token counts, ids and times."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

import imagewire
from hub import AUDIO, CALL, EXTRAS, HELLO, MODEL, PICTURE, PNG, SIGNATURE, USAGE, response
from imagewire.errors import MalformedError
from imagewire.model import (
    Block,
    Candidate,
    Foreign,
    Image,
    ImageResponse,
    ImageSettings,
    ModalityCount,
    Part,
    ReplyContext,
    Usage,
)

Json = dict[str, Any]


def case(name: str, *values: Any) -> Any:
    return pytest.param(*values, id=name)


Options = imagewire.Options
Written = tuple[Json, list[tuple[str, str, str]]]

URI = f"data:image/png;base64,{PNG}"
IMAGE = {"type": "image_url", "image_url": {"url": URI}}
TEXT = {"type": "text", "text": "a fox"}
SIGNED = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
PROMPT_BLOCKED = "The prompt was blocked by the provider's safety system."
IMAGE_BLOCKED = "The generated image was blocked by the provider's safety system."
NO_IMAGE = "The model returned no image."

BLOCKING = (
    *("SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "JAILBREAK"),
    *("RECITATION", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
)
IMAGELESS = ["NO_IMAGE", "IMAGE_OTHER", "LANGUAGE", "OTHER", "ESCALATION", "NAME_OF_THE_FUTURE"]
#: The rules' table: a finish reason, chat's with an image, chat's without.
FINISH = [
    ("STOP", "stop", "stop"),
    ("MAX_TOKENS", "length", "length"),
    *((name, "content_filter", "content_filter") for name in BLOCKING),
    *((name, "stop", "content_filter") for name in IMAGELESS),
]
RESTORED = {"STOP", "MAX_TOKENS", "SAFETY"}  # what chat's own name reads back as


def choice_of(*content: Json, **more: Any) -> Json:
    message = {"role": "assistant", "content": list(content) or None, "refusal": None}
    return {"index": 0, "message": message, "finish_reason": "stop", **more}


def body_of(*choices: Json, **more: Any) -> Json:
    return {
        "id": "r1",
        "object": "chat.completion",
        "created": 1735689600,
        "model": MODEL,
        "choices": list(choices or (choice_of(IMAGE),)),
        **more,
    }


def spoken(message: Json, **more: Any) -> Json:
    return {
        "index": 0,
        "message": {"role": "assistant", **message},
        "finish_reason": "stop",
        **more,
    }


def read(body: Json, options: Options = Options()) -> ImageResponse:
    return imagewire.chat.read_response(json.dumps(body).encode(), options=options).value


def write(value: ImageResponse, options: Options = Options(), **more: Any) -> Written:
    """The body of a response, and its losses: kind, level, path."""
    outcome = imagewire.chat.write_response(value, options=options, **more)
    losses = [(loss.kind.name, loss.level.name, loss.path) for loss in outcome.losses]
    return json.loads(bytes(outcome.value.body)), losses


def translate(body: Json, source: str, target: str, **more: Any) -> Written:
    outcome = imagewire.translate_response(body, source=source, target=target, **more)
    losses = [(loss.kind.name, loss.level.name, loss.path) for loss in outcome.losses]
    return json.loads(bytes(outcome.body)), losses


def candidate_of(*parts: Part, **more: Any) -> Candidate:
    return Candidate(parts=parts, **more)


def refused(
    words: str, finish: str = "content_filter", stage: str | None = None, **more: Any
) -> Json:
    details = {"moderation_details": {"moderation_stage": stage}} if stage else {}
    message = {"content": None, "refusal": words}
    return {**spoken(message, finish_reason=finish), **details, **more}


#: A choice and its candidate: each is read into the other and written back.
TWINS = [
    case("an-image", choice_of(IMAGE), candidate_of(PICTURE)),
    case("order", choice_of(TEXT, IMAGE, TEXT), candidate_of(HELLO, PICTURE, HELLO)),
    case("text-without-image", spoken({"content": "a fox", "refusal": None}), candidate_of(HELLO)),
    case(
        "signed-text",
        spoken({"content": "a fox", "refusal": None, **SIGNED}),
        candidate_of(attrs.evolve(HELLO, signature=SIGNATURE)),
    ),
    case(
        "signed-image",
        choice_of({**IMAGE, **SIGNED}),
        candidate_of(attrs.evolve(PICTURE, signature=SIGNATURE)),
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
        assert (candidate,) == read(body_of(choice)).candidates

    @pytest.mark.parametrize(("choice", "candidate"), TWINS)
    def test_a_candidate_is_written_as_that_choice(
        self, choice: Json, candidate: Candidate
    ) -> None:
        assert ([choice], []) == (
            write(response(candidates=(candidate,)))[0]["choices"],
            write(response(candidates=(candidate,)))[1],
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
        assert (candidate,) == read(body_of(choice)).candidates

    def test_markdown_is_read_if_asked_for(self) -> None:
        body = body_of(spoken({"content": f"a fox\n\n![image]({URI})"}))

        assert (HELLO, PICTURE) == read(body, Options(read_markdown=True)).candidates[0].parts

    def test_each_candidate_is_a_choice(self) -> None:
        body, _ = write(response(candidates=(candidate_of(PICTURE), candidate_of(HELLO))))

        assert [(0, [IMAGE]), (1, "a fox")] == [
            (choice["index"], choice["message"]["content"]) for choice in body["choices"]
        ]


class TestFinish:
    @pytest.mark.parametrize(("name", "with_image", "without"), FINISH)
    def test_geminis_names_become_chats(self, name: str, with_image: str, without: str) -> None:
        """The rules' table; the native name is written where it would not be restored."""
        for part, expected in ((PICTURE, with_image), (HELLO, without)):
            value = response(candidates=(candidate_of(part, finish=name),))
            (choice,) = write(value)[0]["choices"]

            back = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}[expected]
            native = None if back == name else name
            assert (expected, native) == (
                choice["finish_reason"],
                choice.get("native_finish_reason"),
            )

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"finish_reason": "stop"}, "STOP"),
            ({"finish_reason": None}, "STOP"),
            ({"finish_reason": "length"}, "MAX_TOKENS"),
            ({"finish_reason": "content_filter"}, "SAFETY"),
            ({"finish_reason": "tool_calls"}, "OTHER"),
            ({"finish_reason": "function_call"}, "OTHER"),
            ({"finish_reason": "of_the_future"}, "OTHER"),
            ({"finish_reason": "stop", "native_finish_reason": "IMAGE_OTHER"}, "IMAGE_OTHER"),
            ({"finish_reason": "stop", "native_finish_reason": "completed"}, "STOP"),
        ],
        ids=str,
    )
    def test_chats_names_become_geminis(self, fields: Json, expected: str) -> None:
        body = body_of(choice_of(IMAGE, **fields))

        assert expected == read(body).candidates[0].finish

    @pytest.mark.parametrize("reason", ["tool_calls", "of_the_future"])
    def test_chat_gets_its_own_name_back(self, reason: str) -> None:
        body = body_of(choice_of(IMAGE, finish_reason=reason))

        assert reason == translate(body, "chat", "chat")[0]["choices"][0]["finish_reason"]

    @pytest.mark.parametrize("name", ["IMAGE_OTHER", "NAME_OF_THE_FUTURE"])
    def test_without_extensions_the_name_is_approximated(self, name: str) -> None:
        value = response(candidates=(candidate_of(PICTURE, finish=name),))
        body, losses = write(value, Options(chat_extensions=False))

        assert [("APPROXIMATED", "METADATA", "$.candidates[0]")] == losses
        assert "native_finish_reason" not in body["choices"][0]

    def test_words_beside_an_image_are_reported(self) -> None:
        value = response(candidates=(candidate_of(PICTURE, finish_message="Careful."),))

        assert ("DROPPED", "CONTENT", "$.candidates[0]") in write(value)[1]


class TestBlocks:
    @pytest.mark.parametrize(
        ("block", "choice"),
        [
            (Block(reason="SAFETY"), refused(PROMPT_BLOCKED, stage="input")),
            (Block(reason="SAFETY", message="No."), refused("No.", stage="input")),
            (
                Block(reason="PROHIBITED_CONTENT"),
                refused(PROMPT_BLOCKED, stage="input", native_finish_reason="PROHIBITED_CONTENT"),
            ),
            (
                Block(reason="OTHER", message="No."),
                refused("No.", stage="input", native_finish_reason="OTHER"),
            ),
        ],
        ids=["safety", "words", "native-name", "other"],
    )
    def test_a_blocked_prompt_is_a_refusing_choice(self, block: Block, choice: Json) -> None:
        value = response(candidates=(), block=block)

        assert ([choice], []) == (write(value)[0]["choices"], write(value)[1])
        assert (block, ()) == (read(body_of(choice)).block, read(body_of(choice)).candidates)

    def test_without_extensions_a_refused_prompt_looks_like_a_refused_picture(self) -> None:
        value = response(candidates=(), block=Block(reason="SAFETY"))
        body, losses = write(value, Options(chat_extensions=False))

        assert [refused(PROMPT_BLOCKED)] == body["choices"]
        assert [("DROPPED", "METADATA", "$.block")] == losses

    def test_an_answer_wins_over_a_block(self) -> None:
        body, losses = write(response(PICTURE, block=Block(reason="SAFETY")))

        assert ([choice_of(IMAGE)], ["$.block"]) == (body["choices"], [path for *_, path in losses])

    def test_a_blocked_picture_keeps_its_text(self) -> None:
        value = response(candidates=(candidate_of(HELLO, finish="SAFETY"),))
        message = write(value)[0]["choices"][0]["message"]

        assert ("a fox", IMAGE_BLOCKED) == (message["content"], message["refusal"])

    @pytest.mark.parametrize("stage", ["input", "output", "review"])
    def test_moderation_details_come_back_to_chat(self, stage: str) -> None:
        details = {"moderation_stage": stage, "categories": ["violence"]}
        body = body_of(refused("No.", moderation_details=details))

        assert (body, []) == translate(body, "chat", "chat")

    def test_an_answer_does_not_get_another_choices_moderation_details(self) -> None:
        details = {"moderation_stage": "input", "categories": ["violence"]}
        body = body_of(refused("No.", moderation_details=details), choice_of(IMAGE))

        assert [choice_of(IMAGE)] == translate(body, "chat", "chat")[0]["choices"]

    def test_without_extensions_a_refused_picture_has_openais_fields_only(self) -> None:
        value = response(candidates=(candidate_of(finish="SAFETY"),))

        assert [refused(IMAGE_BLOCKED)] == write(value, Options(chat_extensions=False))[0][
            "choices"
        ]

    def test_gemini_says_blocked_in_its_own_way_both_ways(self) -> None:
        native = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": MODEL}
        chat, _ = translate(native, "gemini", "chat")
        back, _ = translate(chat, "chat", "gemini")

        assert "input" == chat["choices"][0]["moderation_details"]["moderation_stage"]
        assert native["promptFeedback"] == back["promptFeedback"]


def counts(**tokens: int) -> tuple[ModalityCount, ...]:
    return tuple(ModalityCount(modality=name.upper(), tokens=n) for name, n in tokens.items())


PLAIN = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
FULL = {
    "prompt_tokens": 20,
    "completion_tokens": 1400,
    "total_tokens": 1420,
    "prompt_tokens_details": {"cached_tokens": 4, "text_tokens": 12, "image_tokens": 8},
    "completion_tokens_details": {"reasoning_tokens": 110, "image_tokens": 1290},
}
FULL_USAGE = Usage(
    prompt=20,
    cached=4,
    candidates=1290,
    thoughts=110,
    total=1420,
    prompt_details=counts(text=12, image=8),
    candidates_details=counts(image=1290),
)


class TestUsage:
    @pytest.mark.parametrize(
        ("wire", "usage"),
        [
            (PLAIN, USAGE),
            (FULL, FULL_USAGE),
            ({**PLAIN, "total_tokens": 99}, attrs.evolve(USAGE, total=99)),
        ],
        ids=["plain", "details", "stated-total"],
    )
    def test_counts_are_read_and_written(self, wire: Json, usage: Usage) -> None:
        assert usage == read(body_of(usage=wire)).usage
        assert (wire, []) == (
            write(response(usage=usage))[0]["usage"],
            write(response(usage=usage))[1],
        )

    @pytest.mark.parametrize(
        ("wire", "usage"),
        [
            (None, None),
            ({}, Usage()),
            ({"prompt_tokens": "5", "completion_tokens": 7.0}, USAGE),
            ({**PLAIN, "prompt_tokens_details": None, "completion_tokens_details": {}}, USAGE),
            ({**PLAIN, "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}}, USAGE),
            (
                {**PLAIN, "completion_tokens_details": {"reasoning_tokens": 9}},
                attrs.evolve(USAGE, thoughts=9),
            ),
        ],
        ids=["absent", "empty", "odd-numbers", "no-details", "zeros", "thoughts-beside"],
    )
    def test_relays_counts_are_understood(self, wire: Json | None, usage: Usage | None) -> None:
        assert usage == read(body_of(usage=wire)).usage

    def test_tool_use_is_prompt_and_thoughts_are_completion(self) -> None:
        usage = Usage(prompt=5, tool_use=3, candidates=7, thoughts=4, total=19)
        body, _ = write(response(usage=usage))

        assert {
            "prompt_tokens": 8,
            "completion_tokens": 11,
            "total_tokens": 19,
            "completion_tokens_details": {"reasoning_tokens": 4},
        } == body["usage"]

    def test_absent_usage_stays_absent(self) -> None:
        assert "usage" not in write(response(usage=None))[0]

    @pytest.mark.parametrize(
        "details",
        [
            {"prompt_tokens_details": {"cache_write_tokens": 5}},
            {"completion_tokens_details": {"accepted_prediction_tokens": 5}},
            {"completion_tokens_details": {"rejected_prediction_tokens": 5, "z": 1}},
            {"cost": 0.5},
        ],
        ids=str,
    )
    def test_other_counts_come_back_to_chat(self, details: Json) -> None:
        body = body_of(usage={**PLAIN, **details})

        assert (body, []) == translate(body, "chat", "chat")

    @pytest.mark.parametrize(
        ("fields", "options", "path"),
        [
            ({"cached_details": counts(text=2)}, Options(), "$.usage.cached_details"),
            ({"tool_use_details": counts(text=2)}, Options(), "$.usage.tool_use_details"),
            ({"prompt_details": counts(video=2)}, Options(), "$.usage"),
            (
                {"candidates_details": counts(image=7)},
                Options(chat_extensions=False),
                "$.usage.candidates_details",
            ),
        ],
        ids=["cached", "tool-use", "video", "image-without-extensions"],
    )
    def test_counts_that_chat_has_no_field_for_are_dropped(
        self, fields: Json, options: Options, path: str
    ) -> None:
        body, losses = write(response(usage=attrs.evolve(USAGE, **fields)), options)

        assert (PLAIN, [("DROPPED", "METADATA", path)]) == (body["usage"], losses)


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
        assert expected == read(body_of(created=created)).created

    @pytest.mark.parametrize("created", ["inf", "NaN", "-Infinity", "yesterday", []], ids=repr)
    def test_what_is_no_time_is_the_upstreams_fault(self, created: Any) -> None:
        with pytest.raises(MalformedError) as caught:
            read(body_of(created=created))

        assert ("$.created", 502) == (caught.value.path, caught.value.status)

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
        body, found = write(value, created=created)

        assert (expected, losses) == (body["created"], found)

    def test_an_id_is_the_sources_else_the_callers(self) -> None:
        assert "r1" == write(response(), response_id="mine")[0]["id"]
        assert "mine" == write(response(id=None), response_id="mine")[0]["id"]

    def test_an_id_is_made_up_from_the_answer_alone(self) -> None:
        answers = [
            response(id=None),
            response(HELLO, id=None),
            response(PICTURE, PICTURE, id=None),
            response(Part(image=Image(url="https://example.com/a.png")), id=None),
            response(Part(foreign=Foreign(format="chat", kind="x", value=AUDIO)), id=None),
            response(id=None, usage=None),
            response(id=None, usage=attrs.evolve(USAGE, total=13)),
        ]
        ids = [write(answer)[0]["id"] for answer in answers]

        assert ids == [write(attrs.evolve(answer, created=1))[0]["id"] for answer in answers]
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
            write(value, options, context=context)[0]["model"],
            write(value, options, context=context)[1],
        )

    def test_a_reply_without_a_model_says_so(self) -> None:
        body, losses = write(response(model=None))

        assert ("", [("DEFAULTED", "METADATA", "$.model")]) == (body["model"], losses)
        assert (None, None) == (read(body).model, read(body).model_as_given)

    def test_what_the_images_api_says_of_its_pictures_is_dropped(self) -> None:
        value = response(image=ImageSettings(quality="high"))

        assert [("DROPPED", "METADATA", "$.image.quality")] == write(value)[1]


class TestWhatIsNoReply:
    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (body_of(error={"message": "x"}), "$.error"),
            ({**body_of(), "choices": []}, "$.choices"),
            ({**body_of(), "choices": None}, "$.choices"),
            ({}, "$.choices"),
            (body_of({"index": 0}), "$.choices[0].message"),
            (body_of({"index": 0, "delta": {}}), "$.choices[0].message"),
        ],
        ids=["error", "no-choices", "null", "empty", "no-message", "stream"],
    )
    def test_it_is_the_upstreams_fault(self, body: Json, path: str) -> None:
        with pytest.raises(MalformedError) as caught:
            read(body)

        assert (path, 502) == (caught.value.path, caught.value.status)

    def test_an_error_under_200_is_a_failure(self) -> None:
        body = {"error": {"message": "slow down", "type": "rate_limit_error", "code": None}}
        found = imagewire.translate_response(body, source="chat", target="gemini")

        assert found.failure is not None
        assert (429, "slow down") == (found.status, found.failure.message)

    def test_an_error_of_null_is_none(self) -> None:
        assert (PICTURE,) == read(body_of(error=None)).candidates[0].parts


MESSAGE = {"role": "assistant", "content": [IMAGE], "refusal": None}
#: A reply with an unknown field at some level, by where it stands.
UNKNOWN = {
    "$.z": body_of(z=1),
    "$.choices[0].z": body_of(choice_of(IMAGE, z=1)),
    "$.choices[0].message.z": body_of(choice_of(message={**MESSAGE, "z": 1})),
    "$.choices[0].message.content[0].z": body_of(choice_of({**IMAGE, "z": 1})),
    "$.choices[0].message.content[0].image_url.z": body_of(
        choice_of({**IMAGE, "image_url": {"url": URI, "z": 1}})
    ),
    "$.choices[0].moderation_details.categories": body_of(
        refused(
            "No.",
            stage="output",
            moderation_details={"moderation_stage": "output", "categories": ["a"]},
        )
    ),
    "$.usage.z": body_of(usage={**PLAIN, "z": 1}),
}
#: The same, where no other format has any use for it.
SILENT = [
    body_of(system_fingerprint="fp_1"),
    body_of(service_tier="default"),
    body_of(provider="x"),
    body_of(choice_of(IMAGE, logprobs={"content": [{"token": "a"}]})),
    body_of(choice_of(message={**MESSAGE, "annotations": [{"type": "url_citation"}]})),
    body_of(choice_of(IMAGE, native_finish_reason="completed")),
]


class TestUnknownFields:
    @pytest.mark.parametrize("body", [*UNKNOWN.values(), *SILENT])
    def test_chat_gets_them_back(self, body: Json) -> None:
        assert (body, []) == translate(body, "chat", "chat")

    @pytest.mark.parametrize("path", UNKNOWN)
    def test_another_format_reports_them_where_they_stand(self, path: str) -> None:
        assert [("DROPPED", "METADATA", path)] == translate(UNKNOWN[path], "chat", "gemini")[1]

    @pytest.mark.parametrize("body", [*SILENT, body_of(choice_of(IMAGE, logprobs=None))])
    def test_bookkeeping_vanishes_in_silence(self, body: Json) -> None:
        assert [] == translate(body, "chat", "gemini")[1]

    def test_another_formats_fields_are_reported(self) -> None:
        body, losses = write(response(extras=EXTRAS))

        assert {"team": "x"} == body["labels"]
        assert [("DROPPED", "METADATA", "$.extras.labels")] * 2 == losses


DRAFT = attrs.evolve(PICTURE, thought=True)
THOUGHT = Part(text="hm", thought=True)
SIGNED_TEXT = attrs.evolve(HELLO, signature=SIGNATURE)
SIGNED_IMAGE = attrs.evolve(PICTURE, signature=SIGNATURE)
FOREIGN = Part(foreign=Foreign(format="gemini", kind="functionCall", value=CALL))
KEEP = Options(keep_drafts=True)
ASIDE = Options(chat_images="message")
MARKDOWN = Options(chat_images="markdown")
SHOWN = f"![image]({URI})"


def message_of(*parts: Part, options: Options = Options()) -> tuple[Json, list[Any]]:
    """What a message says beside its role and refusal, and the losses."""
    body, losses = write(response(*parts), options)
    (choice,) = body["choices"]
    fields = {key: value for key, value in choice["message"].items() if key != "role"}
    assert fields.pop("refusal") is None
    return fields, losses


class TestDrafts:
    @pytest.mark.parametrize(
        ("parts", "content", "losses"),
        [
            ((DRAFT, PICTURE), [IMAGE], [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")]),
            ((THOUGHT, PICTURE), [IMAGE], [("DROPPED", "METADATA", "$.candidates[0].parts[0]")]),
            ((DRAFT,), [IMAGE], [("APPROXIMATED", "CONTENT", "$.candidates[0].parts[0]")]),
        ],
        ids=["draft", "thought", "drafts-only"],
    )
    def test_drafts_and_thoughts_are_left_out(
        self, parts: tuple[Part, ...], content: list[Json], losses: list[Any]
    ) -> None:
        """If only drafts came, the last one is the image."""
        assert ({"content": content}, losses) == message_of(*parts)

    @pytest.mark.parametrize(
        ("parts", "message", "losses"),
        [
            (
                (DRAFT, PICTURE),
                {"content": [{**IMAGE, "extra_content": {"google": {"thought": True}}}, IMAGE]},
                [],
            ),
            ((THOUGHT, PICTURE), {"reasoning": "hm", "content": [IMAGE]}, []),
            (
                (PICTURE, THOUGHT),
                {"reasoning": "hm", "content": [IMAGE]},
                [("APPROXIMATED", "METADATA", "$.candidates[0]")],
            ),
            (
                (attrs.evolve(THOUGHT, signature=SIGNATURE), PICTURE),
                {"reasoning": "hm", "content": [IMAGE]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
        ],
        ids=["draft", "thought", "thought-afterwards", "signed-thought"],
    )
    def test_they_are_kept_if_asked_for(
        self, parts: tuple[Part, ...], message: Json, losses: list[Any]
    ) -> None:
        assert (message, losses) == message_of(*parts, options=KEEP)

    def test_without_extensions_a_draft_would_look_like_the_picture(self) -> None:
        options = Options(keep_drafts=True, chat_extensions=False)

        assert {"content": [IMAGE]} == message_of(DRAFT, PICTURE, options=options)[0]


class TestPlacesOfImages:
    @pytest.mark.parametrize(
        ("parts", "options", "message", "losses"),
        [
            ((PICTURE,), ASIDE, {"content": None, "images": [{**IMAGE, "index": 0}]}, []),
            (
                (HELLO, PICTURE, SIGNED_IMAGE),
                ASIDE,
                {
                    "content": "a fox",
                    "images": [{**IMAGE, "index": 0}, {**IMAGE, "index": 1, **SIGNED}],
                },
                [],
            ),
            ((HELLO,), ASIDE, {"content": "a fox"}, []),
            (
                (HELLO, PICTURE, HELLO),
                ASIDE,
                {"content": "a foxa fox", "images": [{**IMAGE, "index": 0}]},
                [("APPROXIMATED", "CONTENT", "$.candidates[0]")] * 2,
            ),
            (
                (SIGNED_TEXT, PICTURE),
                ASIDE,
                {"content": "a fox", "images": [{**IMAGE, "index": 0}]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            (
                (FOREIGN, PICTURE),
                ASIDE,
                {"content": None, "images": [{**IMAGE, "index": 0}]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            ((HELLO, PICTURE), MARKDOWN, {"content": f"a fox\n\n{SHOWN}"}, []),
            ((PICTURE, PICTURE), MARKDOWN, {"content": f"{SHOWN}\n\n{SHOWN}"}, []),
            ((HELLO,), MARKDOWN, {"content": "a fox"}, []),
            (
                (SIGNED_IMAGE,),
                MARKDOWN,
                {"content": SHOWN},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            (
                (FOREIGN, PICTURE),
                MARKDOWN,
                {"content": SHOWN},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            (
                (Part(image=Image(data=PNG, media_type="image/png", detail="low")),),
                MARKDOWN,
                {"content": SHOWN},
                [("DROPPED", "SETTING", "$.candidates[0].parts[0]")],
            ),
            (
                (HELLO, HELLO),
                Options(),
                {"content": "a foxa fox"},
                [("APPROXIMATED", "CONTENT", "$.candidates[0]")],
            ),
            (
                (PICTURE, FOREIGN),
                Options(),
                {"content": [IMAGE]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[1]")],
            ),
            (
                (SIGNED_IMAGE,),
                Options(chat_extensions=False),
                {"content": [IMAGE]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
        ],
        ids=[
            *("message-image", "message-order", "message-text", "message-text-after"),
            *("message-signed-text", "message-foreign", "markdown-text", "markdown-two"),
            *("markdown-text-only", "markdown-signed", "markdown-foreign", "markdown-detail"),
            *("two-texts", "foreign", "signed-without-extensions"),
        ],
    )
    def test_images_stand_where_the_client_looks_for_them(
        self, parts: tuple[Part, ...], options: Options, message: Json, losses: list[Any]
    ) -> None:
        assert (message, losses) == message_of(*parts, options=options)
