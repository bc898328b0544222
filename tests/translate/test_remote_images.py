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


class TestMessages:
    """The message is for the client of a proxy, the note for its programmer."""

    MESSAGE = "this model takes no remote images: send the picture as a data URI"

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://example.com/a.png?token=1", "https://example.com"),
            ("http://me:secret@example.com:8080#a", "http://example.com:8080"),
            ("https://example.com\\@evil.example", "https://example.com"),
            ("ftp://example.com/a.png", "ftp://example.com"),
        ],
    )
    def test_a_url_is_shown_by_its_scheme_and_host(self, url: str, shown: str) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            translated(ask(url))

        assert f"{self.MESSAGE} ({shown})" == caught.value.message

    def test_advice_is_a_note(self) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            translated(ask(PICTURE))

        (note,) = caught.value.__notes__
        assert ("`fetched`" in note, "remote_urls" in note) == (True, True)

    def test_a_form_says_the_same_and_has_advice_of_its_own(self) -> None:
        options = imagewire.Options(edit_body="multipart")
        body = {"prompt": "a fox", "image": PICTURE, "model": "gpt-image-2"}
        with pytest.raises(imagewire.InexpressibleError) as caught:
            imagewire.translate_request(body, source="images", target="images", options=options)

        (note,) = caught.value.__notes__
        assert f"{self.MESSAGE} (https://example.com)" == caught.value.message
        assert ("`fetched`" in note, "edit_body" in note) == (True, True)

    @pytest.mark.parametrize(
        ("target", "options"),
        [("gemini", {}), ("chat", {}), ("images", {"edit_body": "multipart"})],
    )
    def test_an_uploaded_file_has_to_be_sent_itself(self, target: str, options: Any) -> None:
        body = {"prompt": "a fox", "image": {"file_id": "file-1"}}
        with pytest.raises(imagewire.InexpressibleError) as caught:
            imagewire.translate_request(
                body,
                source="images",
                target=target,
                model={"images": "gpt-image-2"}.get(target, MODEL),
                options=imagewire.Options(**options),
            )

        expected = "this model takes no uploaded files: send the picture as a data URI"
        assert expected == caught.value.message
