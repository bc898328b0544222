"""The official packages judge what we write: their types take it, their clients show it.

``openai`` and ``google-genai`` build and parse everything themselves; their transports answer from
memory. Beside the cases of ``tests/data``, ``sdks`` holds payloads that set what both APIs share.
"""

from __future__ import annotations

from typing import Any

import msgspec
import openai
import pytest
from google.genai import types
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

import imagewire
from cases import GEMINI_MODEL, REQUESTS, RESPONSES, sample
from imagewire import Endpoint, Options
from imagewire.messages import Body
from sdks import (
    CHAT,
    FULL_CHAT_REQUEST,
    FULL_CHAT_RESPONSE,
    FULL_GEMINI_REQUEST,
    FULL_GEMINI_RESPONSE,
    GEMINI,
    PNG,
    PNG_URI,
    SIGNATURE,
    Upstream,
    ask_google,
    ask_openai,
)

ALL = Options(history="all", remote_urls="file_uri")
PLAIN = Options(history="all", remote_urls="file_uri", chat_extensions=False)
MESSAGE = Options(chat_images="message")
MARKDOWN = Options(chat_images="markdown")
DRAFTS = Options(chat_images="message", keep_drafts=True)
SCHEMA = Options(chat_images="message", chat_extensions=False)

#: What chat and Gemini have no place for: a mask, an uploaded file.
REFUSED = {"request-responses-everything", "request-responses-mask"}
REQUEST_CASES = [
    *(
        pytest.param(case.source, case.body, id=str(case))
        for case in REQUESTS
        if case.format != "images" and str(case) not in REFUSED
    ),
    pytest.param(CHAT, FULL_CHAT_REQUEST, id="request-chat-full"),
    pytest.param(GEMINI, FULL_GEMINI_REQUEST, id="request-gemini-full"),
]
RESPONSE_CASES = [
    *(
        pytest.param(case.format, case.body, id=str(case))
        for case in RESPONSES
        if case.format != "images"
    ),
    pytest.param("chat", FULL_CHAT_RESPONSE, id="response-chat-full"),
    pytest.param("gemini", FULL_GEMINI_RESPONSE, id="response-gemini-full"),
]

#: Keys of a chat request that OpenAI's types do not know, or know as something else.
EXTENSIONS = {
    "image_config": "OpenRouter's",
    "modalities": "OpenRouter's; OpenAI's are text and audio",
    "size": "the Images API's",
    "quality": "the Images API's",
    "background": "the Images API's",
    "output_format": "the Images API's",
    "output_compression": "the Images API's",
    "moderation": "the Images API's; a chat request's is an object",
    "input_fidelity": "the Images API's",
    "extra_body": "Google's",
}
#: Fields of an image config that Google's client refuses to send to the Gemini API: a request that
#: has them was meant for Vertex, and keeps them.
VERTEX_ONLY = ("person_generation", "image_output_options")
#: What the client puts before the name of a cache on Vertex, if it has a key in place of a project.
NO_PROJECT = "projects/None/locations/None/"


def request(source: Endpoint, body: Body, target: str, options: Options = ALL) -> Any:
    translated = imagewire.translate_request(
        body, source=source, target=target, model=GEMINI_MODEL, options=options
    )
    return msgspec.json.decode(bytes(translated.body))


def response(source: str, body: Body, target: str, options: Options = MESSAGE) -> bytes:
    translated = imagewire.translate_response(
        body, source=source, target=target, created=5, options=options
    )
    return bytes(translated.body)


#: A Gemini request that sets Vertex's fields too.
EVERYTHING = sample("gemini_request_everything")


def google_request(document: Any) -> tuple[list[types.Content], types.GenerateContentConfig]:
    """A request as Google's types, which forbid unknown keys."""
    contents = [types.Content.model_validate(item) for item in document.pop("contents")]
    fields = {**document.pop("generationConfig", {}), **document}
    config = types.GenerateContentConfig.model_validate(fields)
    if isinstance(config.system_instruction, types.Content):
        config.system_instruction.role = "user"  # as the client sends it
    return contents, config


def is_vertex(config: types.GenerateContentConfig) -> bool:
    """Whether a request sets what Google's client sends to Vertex only."""
    return any(getattr(config.image_config, name, None) is not None for name in VERTEX_ONLY)


class TestGeminiRequests:
    def test_google_s_types_forbid_unknown_keys(self) -> None:
        models = (types.Content, types.Part, types.GenerateContentConfig, types.ImageConfig)
        assert ["forbid"] * 4 == [model.model_config.get("extra") for model in models]

    @pytest.mark.parametrize(("source", "body"), REQUEST_CASES)
    @pytest.mark.parametrize(
        "options",
        [ALL, Options(history="all", remote_urls="file_uri", vertex=True)],
        ids=["gemini", "vertex"],
    )
    def test_google_s_types_take_it(self, source: Endpoint, body: Body, options: Options) -> None:
        contents, config = google_request(request(source, body, "gemini", options))
        assert contents[-1].role in ("user", None)  # as its client left it out
        assert config.response_modalities in (["TEXT", "IMAGE"], ["IMAGE"], None)

    @pytest.mark.parametrize(("source", "body"), REQUEST_CASES)
    def test_google_s_client_would_send_the_same(self, source: Endpoint, body: Body) -> None:
        ours = google_request(request(source, body, "gemini"))
        upstream = Upstream()
        ask_google(upstream, *ours, vertex=is_vertex(ours[1]))
        theirs = google_request(upstream.document)
        if theirs[1].cached_content:
            theirs[1].cached_content = theirs[1].cached_content.removeprefix(NO_PROJECT)
        assert ours == theirs

    @pytest.mark.parametrize("name", VERTEX_ONLY)
    def test_google_s_client_sends_vertex_only_fields_to_vertex_only(self, name: str) -> None:
        contents, config = google_request(request(GEMINI, EVERYTHING, "gemini"))
        assert is_vertex(config)
        image = types.ImageConfig(**{name: getattr(config.image_config, name)})
        config = types.GenerateContentConfig(image_config=image)
        assert is_vertex(config)
        upstream = Upstream()
        with pytest.raises(ValueError, match=name):
            ask_google(upstream, contents, config)
        assert [] == upstream.calls
        ask_google(upstream, contents, config, vertex=True)
        assert image == google_request(upstream.document)[1].image_config


class TestGeminiResponses:
    @pytest.mark.parametrize(("source", "body"), RESPONSE_CASES)
    def test_google_s_types_take_it(self, source: str, body: Body) -> None:
        document = msgspec.json.decode(response(source, body, "gemini"))
        found = types.GenerateContentResponse.model_validate(document)
        assert found.candidates or found.prompt_feedback

    @pytest.mark.parametrize(
        ("source", "body"),
        [
            ("gemini", sample("gemini_response_ok_seed")),
            ("chat", sample("chat_response_seed_array_text_first")),
            ("chat", sample("chat_response_openrouter_images")),
        ],
        ids=["gemini", "chat-parts", "chat-message"],
    )
    def test_google_s_client_finds_the_picture(self, source: str, body: Body) -> None:
        found = ask_google(Upstream(response(source, body, "gemini")))
        picture = next(part.inline_data for part in found.parts if part.inline_data)
        assert ("image/png", PNG) == (picture.mime_type, picture.data)
        assert types.FinishReason.STOP == found.candidates[0].finish_reason
        assert 12 == found.usage_metadata.prompt_token_count

    def test_google_s_client_reads_everything(self) -> None:
        body = response("gemini", FULL_GEMINI_RESPONSE, "gemini")
        found = ask_google(Upstream(body))
        answer, refused = found.candidates
        thought, text, picture = answer.content.parts
        assert (True, "Composing the scene.") == (thought.thought, thought.text)
        assert "Here it is." == text.text
        assert (SIGNATURE, PNG) == (picture.thought_signature, picture.inline_data.data)
        assert types.FinishReason.IMAGE_SAFETY == refused.finish_reason
        assert (9, 255, 1390) == (
            found.usage_metadata.prompt_token_count,
            found.usage_metadata.thoughts_token_count,
            found.usage_metadata.total_token_count,
        )
        assert ("r-1", GEMINI_MODEL) == (found.response_id, found.model_version)

    def test_google_s_client_reads_a_refusal(self) -> None:
        body = response("chat", sample("chat_response_blocked_content_filter"), "gemini")
        found = ask_google(Upstream(body))
        assert types.FinishReason.SAFETY == found.candidates[0].finish_reason
        assert found.parts is None


def off_schema(model: Any, path: str = "") -> set[str]:
    """Where an object of the openai package holds what its class does not name."""
    if isinstance(model, list):
        return {found for item in model for found in off_schema(item, path)}
    if not isinstance(model, openai.BaseModel):
        return set()
    found = {f"{path}{name}" for name in model.model_extra or {}}
    for name in type(model).model_fields:
        found |= off_schema(getattr(model, name), f"{path}{name}.")
    return found


def source_choices(source: str, body: Body) -> list[Any]:
    """The choices of a chat reply as it came.

    What its upstream says of a refusal beside the stage is a field of chat that the hub has no name
    for: it comes back under all options. The stage has a name there, and is our extension.
    """
    if source != "chat":
        return []
    document: Any = msgspec.json.decode(body) if isinstance(body, bytes) else body
    return list(document["choices"])


class TestChatResponses:
    @pytest.mark.parametrize(("source", "body"), RESPONSE_CASES)
    @pytest.mark.parametrize(
        "options", [MESSAGE, MARKDOWN, DRAFTS], ids=["message", "markdown", "drafts"]
    )
    def test_openai_s_types_take_it(self, source: str, body: Body, options: Options) -> None:
        document = msgspec.json.decode(response(source, body, "chat", options))
        found = ChatCompletion.model_validate(document)
        assert document == found.model_dump(exclude_unset=True)

    @pytest.mark.parametrize(
        ("source", "body"),
        [
            ("gemini", sample("gemini_response_no_image_text_only")),
            ("gemini", sample("gemini_response_blocked_prompt")),
            ("gemini", sample("gemini_response_image_safety")),
            ("chat", sample("chat_response_blocked_content_filter")),
        ],
        ids=["text", "blocked-prompt", "blocked-image", "filtered"],
    )
    def test_openai_s_types_take_one_without_pictures_in_every_form(
        self, source: str, body: Body
    ) -> None:
        ChatCompletion.model_validate_json(response(source, body, "chat", Options()))

    @pytest.mark.parametrize(("source", "body"), RESPONSE_CASES)
    def test_without_extensions_only_the_pictures_are_off_schema(
        self, source: str, body: Body
    ) -> None:
        found = ask_openai(Upstream(response(source, body, "chat", SCHEMA)))
        kept = {"choices.moderation_details"} if source == "chat" else set[str]()
        assert off_schema(found) <= {"choices.message.images"} | kept
        choices = source_choices(source, body)
        for choice, before in zip(found.choices, choices, strict=bool(choices)):
            moderation = before.get("moderation_details", {})
            extras = {name: moderation[name] for name in moderation.keys() - {"moderation_stage"}}
            assert extras == (choice.model_extra or {}).get("moderation_details", {})

    def test_openai_s_client_shows_the_parts_as_a_list(self) -> None:
        body = response("gemini", sample("gemini_response_ok_seed"), "chat", Options())
        found = ask_openai(Upstream(body))
        content: Any = found.choices[0].message.content
        assert isinstance(found, ChatCompletion)
        assert [
            {"type": "image_url", "image_url": {"url": PNG_URI}},
            {"type": "text", "text": "Here is your otter wearing a top hat!"},
        ] == content
        assert "stop" == found.choices[0].finish_reason
        assert found.choices[0].message.refusal is None

    def test_openai_s_client_shows_message_images_as_an_extra_attribute(self) -> None:
        body = response("chat", sample("chat_response_seed_array_text_first"), "chat")
        message = ask_openai(Upstream(body)).choices[0].message
        assert "Here is your otter." == message.content
        assert [0, 1] == [image["index"] for image in message.images]
        assert PNG_URI == message.images[0]["image_url"]["url"]

    def test_openai_s_client_shows_a_refusal(self) -> None:
        body = response("gemini", sample("gemini_response_image_safety"), "chat", Options())
        choice = ask_openai(Upstream(body)).choices[0]
        words = "Unable to show the generated image. Try rephrasing the prompt."
        assert (None, words) == (choice.message.content, choice.message.refusal)
        assert "content_filter" == choice.finish_reason
        assert "IMAGE_SAFETY" == choice.native_finish_reason
        assert "output" == choice.moderation_details["moderation_stage"]

    def test_openai_s_client_shows_a_blocked_prompt(self) -> None:
        body = response("gemini", sample("gemini_response_blocked_prompt"), "chat", Options())
        choice = ask_openai(Upstream(body)).choices[0]
        assert (None, "content_filter") == (choice.message.content, choice.finish_reason)
        assert choice.message.refusal
        assert "input" == choice.moderation_details["moderation_stage"]

    def test_openai_s_client_shows_the_usage(self) -> None:
        usage = ask_openai(
            Upstream(response("gemini", FULL_GEMINI_RESPONSE, "chat", Options()))
        ).usage
        assert (9, 1381, 1390) == (
            usage.prompt_tokens,
            usage.completion_tokens,
            usage.total_tokens,
        )
        assert 4 == usage.prompt_tokens_details.cached_tokens
        assert 9 == usage.prompt_tokens_details.text_tokens
        assert 255 == usage.completion_tokens_details.reasoning_tokens
        assert 1120 == usage.completion_tokens_details.image_tokens

    def test_openai_s_client_shows_signatures(self) -> None:
        body = response("gemini", sample("gemini_response_thought_images"), "chat", Options())
        parts = ask_openai(Upstream(body)).choices[0].message.content
        signed = {"google": {"thought_signature": "CgP7/+/+Pj8="}}
        assert [signed, signed] == [part["extra_content"] for part in parts]


PARAMS: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsNonStreaming)
MESSAGE_PARAM: TypeAdapter[Any] = TypeAdapter(ChatCompletionMessageParam)


def settled(value: Any) -> Any:
    """A validated value with pydantic's lazy iterators run, so that all of it is checked."""
    if isinstance(value, dict):
        return {name: settled(item) for name, item in value.items()}
    if value is None or isinstance(value, str | int | float):
        return value
    return [settled(item) for item in value]


def in_schema(document: Any) -> Any:
    """A chat request without extension keys, signatures, and pictures the model made."""
    kept = {name: value for name, value in document.items() if name not in EXTENSIONS}
    for message in kept["messages"]:
        if isinstance(message["content"], list):
            message["content"] = [
                {name: value for name, value in part.items() if name != "extra_content"}
                for part in message["content"]
                if message["role"] == "user" or part["type"] == "text"
            ]
    return kept


class TestChatRequests:
    @pytest.mark.parametrize(("source", "body"), REQUEST_CASES)
    @pytest.mark.parametrize("options", [ALL, PLAIN], ids=["extended", "plain"])
    def test_openai_s_types_take_it(self, source: Endpoint, body: Body, options: Options) -> None:
        document = in_schema(request(source, body, "chat", options))
        validated = PARAMS.validate_python(document)
        assert document == settled(validated)  # pydantic leaves out what a type does not name
        for message in document["messages"]:
            assert message == settled(MESSAGE_PARAM.validate_python(message))

    @pytest.mark.parametrize(("source", "body"), REQUEST_CASES)
    def test_without_extensions_no_key_is_off_schema(self, source: Endpoint, body: Body) -> None:
        document = request(source, body, "chat", PLAIN)
        assert set() == EXTENSIONS.keys() & document.keys()
        for message in document["messages"]:
            for part in message["content"] if isinstance(message["content"], list) else ():
                assert part.keys() <= {"type", part["type"]}

    @pytest.mark.parametrize(("source", "body"), REQUEST_CASES)
    def test_openai_s_client_would_send_the_same(self, source: Endpoint, body: Body) -> None:
        document = request(source, body, "chat")
        extensions = {name: document[name] for name in document if name in EXTENSIONS}
        known = {name: document[name] for name in document if name not in EXTENSIONS}
        upstream = Upstream()
        ask_openai(upstream, **known, extra_body=extensions)
        assert document == upstream.document
