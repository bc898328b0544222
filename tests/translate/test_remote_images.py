"""Remote images that the caller has to fetch, and what becomes of the fetched bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document
from hub import AUDIO, GIF, MODEL
from imagewire.loss import LossKind

K = LossKind
FOX: dict[str, Any] = {
    "model": f"google/{MODEL}",
    "messages": [{"role": "user", "content": "a fox"}],
}


def translated(body: Any, target: str = "gemini", **fields: Any) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(body, source="chat", target=target, **fields)


PICTURE = "https://example.com/a.png"
RAW_GIF = msgspec.json.decode(msgspec.json.encode(GIF), type=bytes)


def ask(*urls: str, role: str = "user") -> dict[str, Any]:
    parts = [{"type": "image_url", "image_url": {"url": url, "detail": "auto"}} for url in urls]
    messages = [{"role": role, "content": parts}, *FOX["messages"]]
    return {**FOX, "messages": messages if role == "system" else messages[:1]}


class TestRemoteImages:
    def test_each_url_is_named_once(self) -> None:
        body = ask(PICTURE, "gs://b/c.png", "http://a.b/c", PICTURE)

        assert (PICTURE, "http://a.b/c") == imagewire.remote_images(
            body, source="chat", target="native"
        )

    @pytest.mark.parametrize(
        ("body", "target", "options"),
        [
            pytest.param(ask(PICTURE), "chat", {}, id="chat-takes-them"),
            pytest.param(ask(PICTURE), "gemini", {"remote_urls": "file_uri"}, id="gemini-tries"),
            pytest.param(FOX, "gemini", {}, id="none"),
            pytest.param(
                {**FOX, "messages": [*ask(PICTURE)["messages"], *FOX["messages"]]},
                "gemini",
                {},
                id="in-a-turn-that-is-dropped",
            ),
            pytest.param({**FOX, "messages": []}, "gemini", {}, id="nothing-is-asked"),
            pytest.param(
                {**FOX, "messages": [{"role": "user", "content": [AUDIO]}]},
                "gemini",
                {},
                id="something-else-is-wrong",
            ),
        ],
    )
    def test_none_may_have_to_be_fetched(self, body: Any, target: str, options: Any) -> None:
        assert () == imagewire.remote_images(
            body, source="chat", target=target, options=imagewire.Options(**options)
        )

    def test_the_path_s_model_decides_the_native_upstream(self) -> None:
        """An `Endpoint` as the source brings the client's model."""
        body = {"contents": [{"parts": [{"text": "a fox"}]}]}
        endpoint = imagewire.Endpoint("gemini", "generate", MODEL)

        assert () == imagewire.remote_images(body, source=endpoint, target="native")

    def test_a_turn_that_is_kept_counts(self) -> None:
        body = {**FOX, "messages": [*ask(PICTURE)["messages"], *FOX["messages"]]}
        options = imagewire.Options(history="all")

        assert (PICTURE,) == imagewire.remote_images(
            body, source="chat", target="gemini", options=options
        )

    @pytest.mark.parametrize(
        ("fetched", "losses"),
        [
            pytest.param(RAW_GIF, [], id="bytes"),
            pytest.param(("image/gif", RAW_GIF), [], id="typed"),
            pytest.param(("application/octet-stream", RAW_GIF), [], id="octet-stream"),
            pytest.param(("text/html", RAW_GIF), [K.CORRECTED], id="wrong-type"),
        ],
    )
    @pytest.mark.parametrize("role", ["user", "system"])
    def test_what_was_fetched_is_sent(self, role: str, fetched: Any, losses: list[Any]) -> None:
        """The bytes win over the declared type; paths are the source's."""
        result = translated(ask(PICTURE, role=role), fetched={PICTURE: fetched, "unused": b""})
        body = document(result)
        content = body["contents"][0] if role == "user" else body["systemInstruction"]

        assert [{"inlineData": {"mimeType": "image/gif", "data": GIF}}] == content["parts"]
        assert [(kind, "$.messages[0].content[0]") for kind in losses] == [
            (loss.kind, loss.path) for loss in result.losses
        ]

    def test_fetched_bytes_that_are_no_image_raise(self) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            translated(ask("gs://b/c", PICTURE), fetched={PICTURE: ("image/png", b"<html>")})

        assert ("$.messages[0].content[1]", 400) == (caught.value.path, caught.value.status)

    def test_the_detail_stays(self) -> None:
        body = ask(PICTURE)
        body["messages"][0]["content"][0]["image_url"]["detail"] = "high"
        result = translated(body, target="chat", fetched={PICTURE: RAW_GIF})

        assert {"url": f"data:image/gif;base64,{GIF}", "detail": "high"} == document(result)[
            "messages"
        ][0]["content"][0]["image_url"]
