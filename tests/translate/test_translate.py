"""Requests from one format to another: arguments, models, losses and remote images."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import pytest

import imagewire
from bodies import document
from cases import REQUESTS, Case
from hub import MODEL, PNG
from imagewire import chat, gemini
from imagewire.catalog import Model

FOX: dict[str, Any] = {
    "model": f"google/{MODEL}",
    "messages": [{"role": "user", "content": "a fox"}],
}
CONTENTS: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]}
PATH = f"/v1beta/models/{MODEL}:generateContent"

#: A form is bytes and nothing else.
JSON_REQUESTS = [case for case in REQUESTS if case.file.endswith(".json")]


def translated(
    body: Any = FOX, source: Any = "chat", target: Any = "gemini", **fields: Any
) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(body, source=source, target=target, **fields)


class TestResult:
    def test_it_is_ready_to_send(self) -> None:
        result = translated()

        assert ("POST", PATH, MODEL, "gemini", 1) == (
            result.method,
            result.path,
            result.model,
            result.target,
            result.repeat,
        )
        assert {
            "content-type": "application/json",
            "content-length": str(len(bytes(result.body))),
        } == result.headers

    def test_the_context_is_what_the_reply_needs(self) -> None:
        result = translated({**FOX, "n": 2})

        assert (FOX["model"], 2, False) == (
            result.context.model,
            result.context.count,
            result.context.had_input_images,
        )

    def test_the_context_round_trips_through_json(self) -> None:
        """It can wait in a queue or a file."""
        context = translated({**FOX, "n": 2}).context

        assert context == msgspec.json.decode(
            msgspec.json.encode(context), type=imagewire.ReplyContext
        )

    def test_input_images_are_those_of_what_is_sent(self) -> None:
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
        with_image = {"role": "user", "content": [image, {"type": "text", "text": "b"}]}
        plain = FOX["messages"][0]
        before = translated({**FOX, "messages": [with_image, plain]})
        now = translated({**FOX, "messages": [plain, with_image]})

        assert (False, True) == (
            before.context.had_input_images,
            now.context.had_input_images,
        )


def _bodies(body: bytes) -> dict[str, Any]:
    spaced = memoryview(b"".join(bytes([byte, 0]) for byte in body))[::2]
    return {
        "str": body.decode(),
        "bytearray": bytearray(body),
        "memoryview": memoryview(body),
        "a-view-with-gaps": spaced,
        "mapping": msgspec.json.decode(body),
    }


class TestBodies:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("case", JSON_REQUESTS, ids=str)
    def test_every_kind_of_body_gives_the_same(self, case: Case, target: str) -> None:
        def result(body: Any) -> Any:
            try:
                return translated(body, case.source, target)
            except imagewire.TranslationError as error:
                return type(error), error.path, error.message

        expected = result(case.body)

        assert dict.fromkeys(_bodies(case.body), expected) == {
            name: result(body) for name, body in _bodies(case.body).items()
        }

    @pytest.mark.parametrize(
        "mapping",
        [{"model": object()}, {"model": {1: "a", "b": set()}, "c": 1 + 2j}],
        ids=["object", "complex"],
    )
    def test_a_mapping_that_is_no_json_is_malformed(self, mapping: Any) -> None:
        with pytest.raises(imagewire.MalformedError):
            translated(mapping)


class TestArguments:
    @pytest.mark.parametrize(
        "source",
        ["chat", chat, imagewire.Endpoint("chat")],
        ids=["name", "module", "endpoint"],
    )
    @pytest.mark.parametrize(
        "target", ["gemini", gemini, "native"], ids=["name", "module", "native"]
    )
    def test_a_format_is_a_name_a_module_or_an_endpoint(self, source: Any, target: Any) -> None:
        assert translated() == translated(source=source, target=target)

    @pytest.mark.parametrize(
        "call",
        [
            lambda: translated(source="telegram"),
            lambda: translated(target="telegram"),
            lambda: translated(source=imagewire.Endpoint("telegram")),
            lambda: imagewire.read_model(FOX, source="telegram"),
            lambda: imagewire.remote_images(FOX, source="chat", target="telegram"),
        ],
        ids=["source", "target", "endpoint", "read_model", "remote_images"],
    )
    def test_an_unknown_format_is_a_wrong_argument(self, call: Any) -> None:
        """``native`` is no source either."""
        with pytest.raises(ValueError, match="telegram"):
            call()

    def test_native_is_no_source(self) -> None:
        with pytest.raises(ValueError, match="native"):
            translated(source="native")

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_a_streaming_endpoint_is_refused(self, target: str) -> None:
        endpoint = imagewire.match_endpoint("POST", PATH.replace("generate", "streamGenerate"))
        assert endpoint is None or endpoint.operation != "generate"
        endpoint = imagewire.Endpoint("gemini", "stream", MODEL)
        with pytest.raises(imagewire.UnsupportedError) as caught:
            translated(CONTENTS, endpoint, target)

        assert ("stream", 400) == (caught.value.param, caught.value.status)


class TestModels:
    @pytest.mark.parametrize(
        ("source", "body", "target"),
        [
            ("chat", {**FOX, "model": "openai/gpt-image-2"}, "gemini"),
            (imagewire.Endpoint("gemini", "generate", "gpt-image-2"), CONTENTS, "gemini"),
        ],
        ids=["chat", "gemini"],
    )
    def test_a_model_of_the_wrong_family_is_refused_in_the_page_s_words(
        self, source: Any, body: Any, target: str
    ) -> None:
        with pytest.raises(imagewire.InvalidModelError) as caught:
            translated(body, source, target)
        rendered = imagewire.render_error(caught.value, target="chat")

        assert {
            "error": {
                "message": "Invalid value for 'model'",
                "type": "invalid_request_error",
                "param": "model",
                "code": "invalid_model",
            }
        } == msgspec.json.decode(bytes(rendered.body))
        assert 400 == rendered.status

    @pytest.mark.parametrize("model", ["openai/gpt-image-2", f"google/{MODEL}", "painter"])
    def test_chat_takes_every_model(self, model: str) -> None:
        assert model == document(translated({**FOX, "model": model}, target="chat"))["model"]

    def test_an_unknown_model_passes(self) -> None:
        assert "painter" == translated({**FOX, "model": "painter"}).model

    def test_another_model_may_be_sent_upstream(self) -> None:
        """The client's own spelling stays in the context."""
        result = translated({**FOX, "model": "openai/gpt-image-2"}, model=f"google/{MODEL}")

        assert (PATH, MODEL, "openai/gpt-image-2") == (
            result.path,
            result.model,
            result.context.model,
        )

    def test_another_model_is_spelled_as_it_is_given(self) -> None:
        result = translated(target="chat", model="google/gemini-2.5-flash-image")

        assert "google/gemini-2.5-flash-image" == document(result)["model"]

    def test_another_model_decides_the_upstream(self) -> None:
        result = translated({**FOX, "model": "painter"}, target="native", model=MODEL)

        assert ("gemini", PATH) == (result.target, result.path)

    @pytest.mark.parametrize("model", ["", "a\nb", "a" * 257])
    def test_another_model_has_to_be_an_id(self, model: str) -> None:
        with pytest.raises(imagewire.InvalidModelError):
            translated(model=model)

    def test_it_stands_for_the_path_s_model(self) -> None:
        """With a bare name as the source."""
        assert PATH == translated(CONTENTS, "gemini", "gemini", model=f"models/{MODEL}").path

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_a_gemini_request_without_a_model_is_refused(self, target: str) -> None:
        with pytest.raises(imagewire.InvalidModelError):
            translated(CONTENTS, "gemini", target)

    @pytest.mark.parametrize(
        ("model_ids", "given", "expected"),
        [
            ("as_given", MODEL, f"google/{MODEL}"),
            ("as_given", f"google/{MODEL}", f"google/{MODEL}"),
            ("as_given", "painter", "painter"),
            ("bare", f"google/{MODEL}", MODEL),
            ("prefixed", MODEL, f"google/{MODEL}"),
            ("prefixed", "gemini-9-image", "google/gemini-9-image"),
        ],
    )
    def test_chat_gets_the_spelling_of_the_options(
        self, model_ids: Any, given: str, expected: str
    ) -> None:
        endpoint = imagewire.Endpoint("gemini", "generate", given)
        options = imagewire.Options(model_ids=model_ids)

        assert (
            expected == document(translated(CONTENTS, endpoint, "chat", options=options))["model"]
        )

    def test_the_catalogue_is_the_caller_s(self) -> None:
        own = imagewire.CATALOG.with_models(Model(id="painter", family="openai"))
        with pytest.raises(imagewire.InvalidModelError):
            translated({**FOX, "model": "painter"}, catalog=own)


class TestReadModel:
    @pytest.mark.parametrize("body", _bodies(msgspec.json.encode(FOX)).values(), ids=_bodies(b"{}"))
    def test_it_is_the_client_s_spelling(self, body: Any) -> None:
        assert f"google/{MODEL}" == imagewire.read_model(body, source="chat")

    def test_a_path_names_it(self) -> None:
        endpoint = imagewire.Endpoint("gemini", "generate", MODEL)

        assert MODEL == imagewire.read_model(CONTENTS, source=endpoint)

    @pytest.mark.parametrize("source", imagewire.FORMATS)
    @pytest.mark.parametrize("body", [{}, {"model": None}], ids=["absent", "null"])
    def test_nobody_may_have_named_it(self, source: str, body: Any) -> None:
        assert imagewire.read_model(body, source=source) is None

    @pytest.mark.parametrize("body", [b"", b"nope", b'"text"', b"[]", b'{"model": 1}'])
    def test_what_names_no_model_is_malformed(self, body: bytes) -> None:
        with pytest.raises(imagewire.MalformedError):
            imagewire.read_model(body, source="chat")


class TestRequireLossless:
    LOSSES: ClassVar[dict[str, dict[str, Any]]] = {
        "content": {"messages": [*FOX["messages"], *FOX["messages"]]},
        "setting": {"quality": "high"},
        "metadata": {"tags": ["a"]},
    }

    @pytest.mark.parametrize(
        ("level", "refused"),
        [
            ("content", ["content"]),
            ("setting", ["content", "setting"]),
            ("metadata", ["content", "setting", "metadata"]),
        ],
    )
    def test_it_raises_for_its_level_and_above(self, level: str, refused: list[str]) -> None:
        def raises(name: str) -> bool:
            result = translated({**FOX, **self.LOSSES[name]})
            assert [name] == [loss.level for loss in result.losses]
            try:
                assert result is result.require_lossless(level)
            except imagewire.LossyError as error:
                assert (400, result.losses) == (error.status, error.losses)
                return True
            return False

        assert refused == [name for name in self.LOSSES if raises(name)]

    def test_settings_are_the_default(self) -> None:
        ignored = translated({**FOX, **self.LOSSES["metadata"]})
        with pytest.raises(imagewire.LossyError) as caught:
            translated({**FOX, **self.LOSSES["setting"]}).require_lossless()

        assert ignored is ignored.require_lossless()
        assert "$.quality" == caught.value.path
