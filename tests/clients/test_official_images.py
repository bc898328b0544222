"""The openai package judges the Images API that we write: requests, forms, responses.

Its types are made strict: they take no key that they do not name, and no text for a number.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from openai.types import ImagesResponse
from pydantic import ValidationError

import imagewire
from cases import REQUESTS, RESPONSES
from hub import PNG as PNG_BASE64
from image_sdks import (
    EDIT,
    EDIT_PARAMS,
    EDITS_PATH,
    FULL_EDIT,
    FULL_GENERATION,
    GENERATE,
    GENERATE_PARAMS,
    GENERATIONS_PATH,
    GPT_IMAGES,
    JPEG,
    NO_FIELDS,
    WEBP,
    File,
    edit,
    fields_of,
    form_of,
    generate,
    is_form,
    is_reference,
    json_of,
    off_schema,
    sent_form,
    uri,
)
from imagewire import Endpoint, Options, ReplyContext, TranslatedRequest
from imagewire.messages import JSON_TYPE, Body
from sdks import (
    CHAT,
    FULL_CHAT_REQUEST,
    FULL_CHAT_RESPONSE,
    FULL_GEMINI_REQUEST,
    FULL_GEMINI_RESPONSE,
    GEMINI,
    PNG,
    PNG_URI,
    Upstream,
)

REQUEST_CASES = [
    *(pytest.param(case.source, case.body, case.content_type, id=str(case)) for case in REQUESTS),
    pytest.param(CHAT, FULL_CHAT_REQUEST, JSON_TYPE, id="request-chat-full"),
    pytest.param(GEMINI, FULL_GEMINI_REQUEST, JSON_TYPE, id="request-gemini-full"),
    pytest.param(GENERATE, FULL_GENERATION, JSON_TYPE, id="request-images-full-generation"),
    pytest.param(EDIT, FULL_EDIT, JSON_TYPE, id="request-images-full-edit"),
]
ALL = Options(history="all")
JSON = Options(edit_body="json")
#: What is of an edit as JSON only (openai-openapi): references to images, and moderation.
JSON_ONLY = {"images", "mask", "moderation"}


def request(
    source: Endpoint,
    body: Body,
    content_type: str = JSON_TYPE,
    *,
    model: str | None = None,
    target: str = "images",
    options: Options = ALL,
) -> TranslatedRequest:
    return imagewire.translate_request(
        body, source=source, target=target, model=model, content_type=content_type, options=options
    )


class TestTheTypes:
    def test_a_key_they_do_not_name_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="Extra inputs"):
            GENERATE_PARAMS.validate_python({"prompt": "a", "image": PNG})
        with pytest.raises(ValidationError, match="Extra inputs"):
            EDIT_PARAMS.validate_python({"prompt": "a", "image": PNG, "moderation": "low"})

    @pytest.mark.parametrize(
        ("name", "value"), [("n", "2"), ("output_format", "jpg"), ("image", 7), ("mask", "m.png")]
    )
    def test_a_wrong_value_is_refused(self, name: str, value: object) -> None:
        with pytest.raises(ValidationError):
            EDIT_PARAMS.validate_python({"prompt": "a", "image": PNG, name: value}, strict=True)


@pytest.mark.parametrize(("source", "body", "content_type"), REQUEST_CASES)
class TestRequests:
    @pytest.mark.parametrize("model", GPT_IMAGES)
    @pytest.mark.parametrize("options", [Options(), ALL, JSON], ids=["default", "all", "json"])
    def test_openai_s_types_take_it(
        self, source: Endpoint, body: Body, content_type: str, options: Options, model: str
    ) -> None:
        translated = request(source, body, content_type, model=model, options=options)
        if translated.path == GENERATIONS_PATH:
            document = json_of(translated)
            assert document == GENERATE_PARAMS.validate_python(document, strict=True)
            return
        assert EDITS_PATH == translated.path
        if is_form(translated):
            params = form_of(translated).params
            assert params == EDIT_PARAMS.validate_python(params, strict=True)
            return
        document = json_of(translated)
        assert document["images"]
        assert all(map(is_reference, [*document["images"], document.get("mask", {"file_id": ""})]))
        assert document.get("moderation") in {None, "auto", "low"}
        shared = {name: document[name] for name in document.keys() - JSON_ONLY} | {"image": PNG}
        assert shared == EDIT_PARAMS.validate_python(shared, strict=True)

    def test_openai_s_client_would_send_the_same(
        self, source: Endpoint, body: Body, content_type: str
    ) -> None:
        translated = request(source, body, content_type, model="gpt-image-2")
        upstream = Upstream()
        if is_form(translated):
            form = form_of(translated)
            edit(upstream, **form.params)
            assert form == sent_form(upstream)
        elif translated.path == GENERATIONS_PATH:
            generate(upstream, **json_of(translated))
            assert json_of(translated) == upstream.document
        else:  # its edits are forms: it has no way to send an address or a file id
            assert "images" in json_of(translated)
            return
        assert translated.path == upstream.asked.url.path


class TestEverythingSet:
    def test_a_generation_is_the_same_document(self) -> None:
        translated = request(GENERATE, FULL_GENERATION)
        assert (GENERATIONS_PATH, ()) == (translated.path, translated.losses)
        assert FULL_GENERATION == json_of(translated)

    def test_an_edit_is_the_same_document(self) -> None:
        translated = request(EDIT, FULL_EDIT, options=JSON)
        assert (EDITS_PATH, ()) == (translated.path, translated.losses)
        assert FULL_EDIT == json_of(translated)

    def test_an_edit_is_a_form_of_the_same_fields_and_bytes(self) -> None:
        translated = request(EDIT, FULL_EDIT)
        assert ["$.moderation"] == [loss.path for loss in translated.losses]
        form = form_of(translated)
        assert {
            name: str(value) for name, value in FULL_EDIT.items() if name not in NO_FIELDS
        } == form.fields
        assert [
            ("image[]", "image/png", PNG),
            ("image[]", "image/jpeg", JPEG),
            ("image[]", "image/webp", WEBP),
            ("mask", "image/png", PNG),
        ] == [(file.name, file.content_type, file.data) for file in form.files]


#: Bytes that a careless parser or writer would cut or change.
AWKWARD = {
    "png": (PNG, "png"),
    "jpeg": (JPEG, "jpeg"),
    "webp": (WEBP, "webp"),
    "boundary-like": (PNG + b"\r\n--boundary\r\n\r\n--boundary--\r\n", "png"),
    "headers": (PNG + b'\r\nContent-Disposition: form-data; name="n"\r\n\r\n7\r\n', "png"),
    "ends-in-crlf": (PNG + b"\r\n\r\n", "png"),
    "ends-in-cr": (PNG + b"\r", "png"),
    "every-byte": (PNG + bytes(range(256)) * 64, "png"),
}


def editing(*images: str, **params: Any) -> dict[str, Any]:
    return {"model": "gpt-image-2", "prompt": "Add a hat", "image": list(images), **params}


class TestForms:
    @pytest.mark.parametrize(("data", "kind"), AWKWARD.values(), ids=AWKWARD)
    def test_the_bytes_of_one_image_come_through(self, data: bytes, kind: str) -> None:
        form = form_of(request(EDIT, editing(uri(data, kind))))
        assert {"model": "gpt-image-2", "prompt": "Add a hat"} == form.fields
        [file] = form.files
        assert ("image", f"image/{kind}", data) == (file.name, file.content_type, file.data)

    @pytest.mark.parametrize(("data", "kind"), AWKWARD.values(), ids=AWKWARD)
    def test_the_bytes_of_several_images_and_a_mask_come_through(
        self, data: bytes, kind: str
    ) -> None:
        body = editing(uri(data, kind), PNG_URI, mask=uri(data, kind))
        files = form_of(request(EDIT, body)).files
        assert [("image[]", data), ("image[]", PNG), ("mask", data)] == [
            (file.name, file.data) for file in files
        ]
        assert 3 == len({file.filename for file in files})

    @pytest.mark.parametrize(
        "prompt",
        ["Füge “Hüte” hinzu 🎩", "one\r\ntwo\n\nthree", "\r\n--boundary--\r\n", "  spaces  "],
        ids=["unicode", "lines", "boundary-like", "spaces"],
    )
    def test_the_prompt_comes_through(self, prompt: str) -> None:
        form = form_of(request(EDIT, editing(PNG_URI, prompt=prompt)))
        assert prompt == form.fields["prompt"]

    def test_an_image_that_holds_our_own_boundary_comes_through(self) -> None:
        filling = b"." * 200
        slot = b"." * 32
        plain = request(EDIT, editing(uri(PNG + filling + slot + filling, "png")))
        boundary = plain.headers["content-type"].partition("boundary=")[2].encode()
        data = PNG + filling + b"\r\n--" + boundary + b"--\r\n"
        data += filling[len(data) - len(PNG) - 232 :]
        translated = request(EDIT, editing(uri(data, "png")))
        assert boundary.decode() not in translated.headers["content-type"]
        assert [data] == [file.data for file in form_of(translated).files]

    def test_an_object_s_fields_have_names_in_brackets(self) -> None:
        form = form_of(request(EDIT, editing(PNG_URI, svg={"model": "m"})))  # as the SDK sends it
        assert "m" == form.fields.get("svg[model]")

    def test_a_given_boundary_is_used(self) -> None:
        options = Options(boundary="otter-1")
        translated = request(EDIT, editing(PNG_URI), options=options)
        assert "multipart/form-data; boundary=otter-1" == translated.headers["content-type"]
        assert [PNG] == [file.data for file in form_of(translated).files]

    def test_the_form_of_the_sdk_comes_through(self) -> None:
        [case] = [case for case in REQUESTS if case.file == "images_request_edit_multipart.http"]
        form = form_of(request(case.source, case.body, case.content_type))
        assert {
            "prompt": "Add a hat",
            "model": "gpt-image-2",
            "n": "2",
            "size": "1024x1024",
        } == form.fields
        assert [
            File("image[]", "image-1.png", "image/png", PNG),
            File("image[]", "image-2.jpg", "image/jpeg", JPEG),
            File("mask", "mask.png", "image/png", PNG),
        ] == form.files


_WRONG = {"input_fidelity": "high", "output_format": "jpg"}
_JPG = {"imageConfig": {"imageOutputOptions": {"mimeType": "image/jpg"}}}
REFUSED = [
    *REQUEST_CASES,
    *(
        pytest.param(source, {**body, **_WRONG, "response_format": value}, JSON_TYPE, id=id_)
        for source, body, value, id_ in (
            (GENERATE, FULL_GENERATION, "url", "generation-url"),
            (GENERATE, FULL_GENERATION, "b64_json", "generation-b64_json"),
            (EDIT, FULL_EDIT, "url", "edit-url"),
            (EDIT, FULL_EDIT, "b64_json", "edit-b64_json"),
            (CHAT, FULL_CHAT_REQUEST, {"type": "text"}, "chat"),
        )
    ),
    pytest.param(GEMINI, {**FULL_GEMINI_REQUEST, "generationConfig": _JPG}, JSON_TYPE, id="gemini"),
]


_EDIT_OF_ONE = editing(PNG_URI, **_WRONG, response_format="url")
#: What has no mask and no uploaded file, which chat has no place for.
TO_CHAT = [
    *(
        case
        for case in REFUSED
        if not any(word in str(case.values[1]) for word in ("mask", "file_id"))
    ),
    pytest.param(EDIT, _EDIT_OF_ONE, JSON_TYPE, id="edit-of-one"),
]


@pytest.mark.parametrize("model", GPT_IMAGES)
class TestWhatGptImageRefuses:
    @pytest.mark.parametrize(("source", "body", "content_type"), REFUSED)
    @pytest.mark.parametrize("options", [ALL, JSON], ids=["form", "json"])
    def test_it_is_never_written(
        self, source: Endpoint, body: Body, content_type: str, model: str, options: Options
    ) -> None:
        translated = request(source, body, content_type, model=model, options=options)
        fields = fields_of(translated)
        assert "response_format" not in fields  # 400 unknown_parameter
        assert "jpg" != fields.get("output_format")
        if model == "gpt-image-2" or translated.path == GENERATIONS_PATH:
            assert fields.get("input_fidelity") is None  # 400 invalid_input_fidelity_model

    @pytest.mark.parametrize(("source", "body", "content_type"), TO_CHAT)
    def test_nor_is_it_written_to_chat(
        self, source: Endpoint, body: Body, content_type: str, model: str
    ) -> None:
        fields = json_of(request(source, body, content_type, model=model, target="chat"))
        assert fields.get("response_format") in (None, {"type": "text"})
        assert "jpg" != fields.get("output_format")

    def test_a_model_that_has_input_fidelity_keeps_it(self, model: str) -> None:
        fields = fields_of(request(EDIT, FULL_EDIT, model=model))
        assert (None if model == "gpt-image-2" else "high") == fields.get("input_fidelity")


#: Replies whose source counts the tokens of a prompt by modality.
COUNTED = {
    "response-chat-everything",
    "response-chat-full",
    "response-chat-seed_array_text_first",
    "response-gemini-everything",
    "response-gemini-full",
    "response-gemini-thought_images",
    "response-images-gpt_image_full",
    "response-responses-two_pictures",
    "response-responses-whole",
}
REFUSALS = {
    "response-chat-blocked_content_filter",
    "response-chat-markdown",
    "response-gemini-blocked_prompt",
    "response-gemini-image_prohibited_empty_content",
    "response-gemini-image_safety",
    "response-gemini-no_image_text_only",
    "response-responses-blocked_picture",
    "response-responses-blocked_prompt",
    "response-responses-refusal",
}
_RESPONSES: list[tuple[str, str, Body]] = [
    *((str(case), case.format, case.body) for case in RESPONSES if str(case) not in REFUSALS),
    ("response-chat-full", "chat", FULL_CHAT_RESPONSE),
    ("response-gemini-full", "gemini", FULL_GEMINI_RESPONSE),
]
CONTEXTS = {
    "unknown": ReplyContext(),
    "generated": ReplyContext(had_input_images=False),
    "edited": ReplyContext(had_input_images=True),
}
RESPONSE_CASES = [pytest.param(name, *case, id=name) for name, *case in _RESPONSES]


@pytest.mark.parametrize(("name", "source", "body"), RESPONSE_CASES)
@pytest.mark.parametrize(
    "options", [Options(), Options(images_text="revised_prompt")], ids=["drop", "revised_prompt"]
)
class TestResponses:
    @pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
    def test_openai_s_types_take_it(
        self, name: str, source: str, body: Body, context: ReplyContext, options: Options
    ) -> None:
        translated = imagewire.translate_response(
            body,
            source=source,
            target="images",
            created=5,
            context=context,
            options=options,
        )
        document: Any = msgspec.json.decode(bytes(translated.body))
        assert 200 == translated.status
        if "usage" in document and name not in COUNTED and context is not CONTEXTS["generated"]:
            # The package requires the prompt's tokens by modality, and strict clients throw a
            # reply away without them: where they were not counted, all are text, reported.
            assert "missing_token_count" in {loss.code for loss in translated.losses}
        found = ImagesResponse.model_validate(document)
        assert document == found.model_dump(exclude_unset=True)
        assert off_schema(found) <= {"data.extra_content"}
        assert found.data
        assert all(item.b64_json or item.url for item in found.data)

    def test_a_generation_s_prompt_is_all_text(
        self, name: str, source: str, body: Body, options: Options
    ) -> None:
        translated = imagewire.translate_response(
            body,
            source=source,
            target="images",
            context=ReplyContext(had_input_images=False),
            options=options,
        )
        usage = msgspec.json.decode(bytes(translated.body)).get("usage")
        if usage is not None and name not in COUNTED:
            assert {"image_tokens": 0, "text_tokens": usage["input_tokens"]} == usage[
                "input_tokens_details"
            ]


class TestOutputFormat:
    def test_it_is_left_out_where_the_pictures_are_not_all_of_one_format(self) -> None:
        parts = [
            {"inlineData": {"mimeType": "image/png", "data": PNG_BASE64}},
            {"fileData": {"mimeType": "image/webp", "fileUri": "gs://bucket/otter.webp"}},
        ]
        body = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
        reply = imagewire.translate_response(body, source="gemini", target="images", created=5)
        assert "output_format" not in msgspec.json.decode(bytes(reply.body))
