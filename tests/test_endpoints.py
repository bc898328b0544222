from __future__ import annotations

from typing import Any

import pytest

from imagewire.catalog import CATALOG, Model
from imagewire.endpoints import (
    Endpoint,
    credential_headers,
    endpoint_path,
    guess_format,
    match_endpoint,
    native_format,
    read_credentials,
    serves,
)
from imagewire.errors import CredentialError, InvalidModelError
from imagewire.formats.contract import Operation
from imagewire.messages import Headers
from imagewire.model import FailureKind
from imagewire.rules.model_ids import body_model, path_model

MODEL = "gemini-2.5-flash-image"
GEMINI = (MODEL, "gemini-3-pro-image-preview", "gemini-3.1-flash-image-preview")
GPT = ("gpt-image-1", "gpt-image-1.5", "gpt-image-2")


class TestMatch:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/v1/chat/completions", Endpoint("chat")),
            ("/v1/chat/completions?trace=1", Endpoint("chat")),
            ("/v1/images/generations", Endpoint("images")),
            ("/v1/images/edits", Endpoint("images", "edit")),
            (f"/v1beta/models/{MODEL}:generateContent", Endpoint("gemini", model=MODEL)),
            (f"/v1/models/{MODEL}:generateContent", Endpoint("gemini", model=MODEL)),
            (f"/v1beta1/models/{MODEL}:generateContent", Endpoint("gemini", model=MODEL)),
            (
                f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse",
                Endpoint("gemini", "stream", MODEL, alt="sse"),
            ),
            (
                f"/v1beta/models/{MODEL}:streamGenerateContent?key=a&alt=json",
                Endpoint("gemini", "stream", MODEL),
            ),
            (
                f"/v1beta/models/google/{MODEL}:generateContent",
                Endpoint("gemini", model=f"google/{MODEL}"),
            ),
            (
                f"/v1/publishers/google/models/{MODEL}:generateContent",
                Endpoint("gemini", model=MODEL),
            ),
            (
                f"/v1beta1/projects/p/locations/l/publishers/google/models/{MODEL}:generateContent",
                Endpoint("gemini", model=MODEL),
            ),
            (f"/v1beta/models/{MODEL}%3AgenerateContent", Endpoint("gemini", model=MODEL)),
            ("/v1beta/models/a%252Fb:generateContent", Endpoint("gemini", model="a%2Fb")),
        ],
    )
    def test_path_names_format_operation_and_model(self, path: str, expected: Endpoint) -> None:
        """Query strings are allowed; the path is percent-decoded once."""

        assert expected == match_endpoint("POST", path)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/v1/chat/completions"),
            ("POST", "/v1/chat"),
            ("POST", "/v1/images/variations"),
            ("POST", "/v2/models/x:generateContent"),
            ("POST", "/v1beta/models/x:countTokens"),
            ("POST", "/v1beta/models/acme/x:generateContent"),
            ("POST", "/v1beta/models/google/google/x:generateContent"),
            ("POST", "/v1beta/models/:generateContent"),
            ("POST", ""),
        ],
    )
    def test_anything_else_is_no_endpoint(self, method: str, path: str) -> None:
        """None, not an error: the path may belong to somebody else."""

        assert match_endpoint(method, path) is None


class TestPaths:
    @pytest.mark.parametrize(
        ("format_", "arguments", "expected"),
        [
            ("chat", {}, "/v1/chat/completions"),
            ("images", {}, "/v1/images/generations"),
            ("images", {"operation": "edit"}, "/v1/images/edits"),
            ("gemini", {"model": MODEL}, f"/v1beta/models/{MODEL}:generateContent"),
            ("gemini", {"model": f"google/{MODEL}"}, f"/v1beta/models/{MODEL}:generateContent"),
            (
                "gemini",
                {"model": MODEL, "operation": "stream"},
                f"/v1beta/models/{MODEL}:streamGenerateContent",
            ),
            (
                "gemini",
                {"model": MODEL, "version": "v1"},
                f"/v1/models/{MODEL}:generateContent",
            ),
            (
                "gemini",
                {"model": MODEL, "vertex": True},
                f"/v1beta/publishers/google/models/{MODEL}:generateContent",
            ),
        ],
    )
    def test_path_of_an_operation(
        self, format_: str, arguments: dict[str, Any], expected: str
    ) -> None:
        """A Gemini path always has the bare id; Vertex has the publishers form."""

        assert expected == endpoint_path(format_, **arguments)

    @pytest.mark.parametrize(
        ("format_", "operation"),
        [
            ("chat", "edit"),
            ("chat", "stream"),
            ("gemini", "edit"),
            ("gemini", "upscale"),
        ],
    )
    def test_an_operation_that_no_format_has_is_a_value_error(
        self, format_: str, operation: Operation
    ) -> None:
        """Wrong arguments raise ``ValueError`` or ``TypeError``, nothing else."""
        with pytest.raises(ValueError, match=operation):
            endpoint_path(format_, operation=operation, model=MODEL)

    def test_a_path_in_an_unknown_format_is_a_value_error(self) -> None:
        """The message names those that there are."""
        with pytest.raises(ValueError, match="unknown format 'bogus'; known are chat, gemini"):
            endpoint_path("bogus")

    @pytest.mark.parametrize(
        "written",
        [endpoint_path("chat"), endpoint_path("images", operation="edit")],
    )
    def test_what_is_written_is_matched(self, written: str) -> None:
        """The two are twins."""
        endpoint = match_endpoint("POST", written)

        assert endpoint is not None
        assert written == endpoint_path(endpoint.format, operation=endpoint.operation)


class TestModels:
    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            *((model, "gemini") for model in GEMINI),
            *((model, "images") for model in GPT),
            ("gemini-9-image", "gemini"),
            ("dall-e-3", "images"),
            ("painter", "images"),
        ],
    )
    def test_native_format_is_the_upstream_of_the_family(self, model: str, expected: str) -> None:
        """``target="native"`` goes there; an unknown name is taken for OpenAI's."""

        assert expected == native_format(model)

    @pytest.mark.parametrize(
        ("model", "faces"),
        [
            *((model, {"chat", "gemini"}) for model in GEMINI),
            *((model, {"chat", "images"}) for model in GPT),
            ("painter", set[str]()),
        ],
    )
    def test_serves_says_what_the_page_allows(self, model: str, faces: set[str]) -> None:
        """Gemini models on chat and gemini, GPT models on chat and images."""
        served = {face for face in ("chat", "gemini", "images") if serves(model, face)}

        assert faces == served

    def test_nothing_serves_on_an_unknown_face(self) -> None:
        """Its name may have come from anywhere."""

        assert not serves(MODEL, "bogus")

    def test_a_family_without_an_upstream_is_an_invalid_model(self) -> None:
        """A caller's catalogue may name one that no format serves."""
        catalog = CATALOG.with_models(Model(id="painter", family="acme"))

        with pytest.raises(InvalidModelError, match="Invalid value for 'model'"):
            native_format("painter-2", catalog=catalog)


class TestModelIds:
    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            (MODEL, MODEL),
            (f"models/google/{MODEL}", MODEL),
            ("A_z0.9@-", "A_z0.9@-"),
            ("x" * 256, "x" * 256),
        ],
    )
    def test_a_path_takes_a_bare_id(self, model: str, expected: str) -> None:
        """After known prefixes are taken off."""

        assert expected == path_model(model)

    @pytest.mark.parametrize(
        "model",
        [None, "", "google/", "a/b", "a..b", "..", "a b", "a?b", "a#b", "a%2Fb", "a:b", "x" * 257],
    )
    def test_a_path_takes_nothing_that_could_leave_its_segment(self, model: str | None) -> None:
        """An id matches ``[A-Za-z0-9._@-]{1,256}`` and holds no ``..``."""
        with pytest.raises(InvalidModelError) as caught:
            path_model(model)

        assert ("model", "invalid_model", 400) == (
            caught.value.param,
            caught.value.code,
            caught.value.status,
        )

    @pytest.mark.parametrize("model", ["x", "acme/paint er:free", "x" * 256])
    def test_a_body_takes_any_short_text(self, model: str) -> None:
        """1 to 256 characters without control characters."""

        assert model == body_model(model)

    @pytest.mark.parametrize("model", ["x" * 257, "a\nb", "a\x00", "a\x7f", "a\x85"])
    def test_a_body_takes_no_control_characters(self, model: str) -> None:
        """Nor a novel."""
        with pytest.raises(InvalidModelError, match="id is too long or has invalid characters"):
            body_model(model)

    def test_a_body_takes_no_empty_id(self) -> None:
        """Which is no model at all."""
        with pytest.raises(InvalidModelError, match="no model was named"):
            body_model("")


class TestCredentials:
    @pytest.mark.parametrize(
        ("headers", "query", "expected"),
        [
            pytest.param({"Authorization": "Bearer k1"}, "", "k1", id="bearer"),
            pytest.param({"AUTHORIZATION": "bearer  k1 "}, "", "k1", id="any-case"),
            pytest.param([("X-Goog-Api-Key", "k1")], "", "k1", id="google-header"),
            pytest.param({}, "key=k1", "k1", id="query"),
            pytest.param({}, "?alt=sse&key=k1", "k1", id="query-with-its-mark"),
            pytest.param(
                {"authorization": "Bearer k1", "x-goog-api-key": "k1"}, "key=k1", "k1", id="equal"
            ),
            pytest.param({"authorization": "Basic eDp5"}, "", None, id="another-scheme"),
            pytest.param({"authorization": "Bearer "}, "key=", None, id="empty"),
            pytest.param({}, "=k1", None, id="a-parameter-without-a-name"),
            pytest.param({}, "", None, id="none"),
        ],
    )
    def test_a_key_travels_in_three_ways(
        self, headers: Headers, query: str, expected: str | None
    ) -> None:
        """Bearer, ``x-goog-api-key`` and ``?key=``; headers in any case."""

        assert expected == read_credentials(headers, query)

    @pytest.mark.parametrize(
        ("headers", "query"),
        [
            pytest.param({"authorization": "Bearer k1", "x-goog-api-key": "k2"}, "", id="headers"),
            pytest.param({"authorization": "Bearer k1"}, "key=k2", id="header-and-query"),
            pytest.param({}, "key=k1&key=k2", id="twice-in-the-query"),
            pytest.param(
                [("authorization", "Bearer k1"), ("Authorization", "Bearer k2")],
                "",
                id="the-same-header-twice",
            ),
        ],
    )
    def test_two_that_differ_are_an_authentication_error(
        self, headers: Headers, query: str
    ) -> None:
        """One of them would be lost in silence; the message names neither."""
        with pytest.raises(CredentialError) as caught:
            read_credentials(headers, query)

        failure = caught.value.failure
        assert (401, FailureKind.AUTHENTICATION) == (failure.status, failure.kind)
        assert not {"k1", "k2"} & set(failure.message.split())

    @pytest.mark.parametrize(
        ("format_", "expected"),
        [
            ("chat", {"authorization": "Bearer k1"}),
            ("images", {"authorization": "Bearer k1"}),
            ("gemini", {"x-goog-api-key": "k1"}),
        ],
    )
    def test_a_key_is_written_in_the_formats_way(
        self, format_: str, expected: dict[str, str]
    ) -> None:
        """Bearer for chat and images, ``x-goog-api-key`` for gemini."""

        assert expected == credential_headers(format_, "k1")

    def test_an_unknown_format_is_a_value_error(self) -> None:
        """An unknown format name raises, it is not taken for OpenAI's."""
        with pytest.raises(ValueError, match="bogus"):
            credential_headers("bogus", "k1")


class TestAsClientsCall:
    @pytest.mark.parametrize("base", ["/v1", "/api/v1", "/openai/v1", "/v1beta/openai", ""])
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/chat/completions", Endpoint("chat")),
            ("/images/generations", Endpoint("images")),
            ("/images/edits", Endpoint("images", "edit")),
            ("/images", Endpoint("images")),
        ],
    )
    def test_openai_paths_stand_below_the_bases_of_gateways(
        self, base: str, path: str, expected: Endpoint
    ) -> None:
        """OpenRouter, Azure, Google's compatible endpoint, and base URLs without a version."""

        assert expected == match_endpoint("POST", base + path)

    def test_a_deployment_of_azure_is_the_model(self) -> None:
        path = "/openai/deployments/my-images/images/edits?api-version=2025-04-01-preview"

        assert Endpoint("images", "edit", "my-images") == match_endpoint("POST", path)

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/v1/chat/completions/", Endpoint("chat")),
            ("//v1//images/edits//", Endpoint("images", "edit")),
            (f"/v1alpha/models/{MODEL}:generateContent", Endpoint("gemini", model=MODEL)),
        ],
    )
    def test_slashes_too_many_say_nothing(self, path: str, expected: Endpoint) -> None:
        assert expected == match_endpoint("POST", path)

    @pytest.mark.parametrize(
        ("path", "headers", "format_"),
        [
            ("/v1/models", {}, "chat"),
            ("/models/", {"authorization": "Bearer k"}, "chat"),
            ("/v1/models", {"X-Goog-Api-Key": "k"}, "gemini"),
            ("/v1/models", [(b"x-goog-api-client", b"google-genai-sdk/3.4.0")], "gemini"),
            ("/v1/models?pageSize=5&key=k", {}, "gemini"),
            ("/v1beta/models", {}, "gemini"),
        ],
    )
    def test_a_list_of_models_is_asked_in_the_clients_format(
        self, path: str, headers: Headers, format_: str
    ) -> None:
        """Clients of two APIs ask with one path: what they send beside it tells them apart."""

        assert Endpoint(format_, "models") == match_endpoint("GET", path, headers)
        assert match_endpoint("POST", path, headers) is None

    @pytest.mark.parametrize(
        ("path", "format_"),
        [
            ("/v1beta/models/x:countTokens", "gemini"),
            ("/v1/models/google/x:predict", "gemini"),
            ("/v1alpha/files", "gemini"),
            ("/v1beta/openai/embeddings", "chat"),
            ("/v1/images/variations", "chat"),
            ("/", "chat"),
        ],
    )
    def test_other_paths_are_refused_in_the_format_they_look_like(
        self, path: str, format_: str
    ) -> None:
        assert format_ == guess_format(path)

    def test_a_key_is_read_from_azures_header_and_from_bytes(self) -> None:
        assert "k" == read_credentials({"api-key": " k "})
        assert "k" == read_credentials([(b"Authorization", b"Bearer k")])
        with pytest.raises(CredentialError):
            read_credentials({"api-key": "a", "authorization": "Bearer b"})

    def test_other_methods_and_lists_of_models(self) -> None:
        """Only POST asks for images; a list has a path in each format that lists."""
        assert match_endpoint("DELETE", "/v1/models") is None
        assert ["/v1/models", "/v1beta/models"] == [
            endpoint_path(format_, operation="models") for format_ in ("chat", "gemini")
        ]
