"""The official clients through a proxy: what an upstream of another format is asked.

The readers of what was sent are of this file, and share nothing with ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import openai
import pybase64
import pytest
from google import genai
from google.genai import types

from cases import GEMINI_MODEL
from image_sdks import EDITS_PATH, GENERATIONS_PATH, JPEG, WEBP, uri
from proxied import MODELS, Clients, Upstream, of_uri, sample
from sdks import PNG, PNG_URI

Json = dict[str, Any]

CHAT_PATH = "/v1/chat/completions"
GEMINI_PATH = f"/v1beta/models/{GEMINI_MODEL}:generateContent"

#: An answer of each upstream, and the header that its key is in.
ANSWERS = {
    "chat": sample("chat_response_openrouter_images"),
    "gemini": sample("gemini_response_ok_seed"),
    "images": sample("images_response_gpt_image_full"),
}
KEYS = {
    "chat": ("authorization", "Bearer chat-key"),
    "gemini": ("x-goog-api-key", "gemini-key"),
    "images": ("authorization", "Bearer images-key"),
}


@attrs.frozen
class Asked:
    """What an upstream was asked: where, the words, the pictures, and the rest of the body."""

    path: str
    prompt: str
    pictures: list[bytes]
    settings: Json


def asked_of_chat(upstream: Upstream) -> Asked:
    body = upstream.document
    [message] = body.pop("messages")
    content = message["content"]
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    return Asked(
        upstream.asked.url.path,
        "".join(part.get("text", "") for part in parts),
        [of_uri(part["image_url"]["url"]) for part in parts if "image_url" in part],
        body,
    )


def asked_of_gemini(upstream: Upstream) -> Asked:
    body = upstream.document
    [content] = body.pop("contents")
    parts = content["parts"]
    data = [part["inlineData"]["data"] for part in parts if "inlineData" in part]
    return Asked(
        upstream.asked.url.path,
        "".join(part.get("text", "") for part in parts),
        [pybase64.b64decode(item, validate=True) for item in data],
        body.get("generationConfig", {}),
    )


def asked_of_images(upstream: Upstream) -> Asked:
    path = upstream.asked.url.path
    if path == GENERATIONS_PATH:
        body = upstream.document
        return Asked(path, body.pop("prompt"), [], body)
    form = upstream.form
    fields = dict(form.fields)
    return Asked(path, fields.pop("prompt"), [image.data for image in form.images], fields)


READERS: dict[str, Callable[[Upstream], Asked]] = {
    "chat": asked_of_chat,
    "gemini": asked_of_gemini,
    "images": asked_of_images,
}

BOTH = {"responseModalities": ["TEXT", "IMAGE"]}
WIDE = {"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}
WIDE_CHAT = {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}
PICTURES = [
    {"type": "text", "text": "add a hat"},
    {"type": "image_url", "image_url": {"url": PNG_URI}},
    {"type": "image_url", "image_url": {"url": uri(WEBP, "webp")}},
]
OTTER, BEAR = ("otter.png", PNG, "image/png"), ("bear.webp", WEBP, "image/webp")
GOOGLE_PICTURES = [
    types.Part.from_bytes(data=PNG, mime_type="image/png"),
    types.Part.from_bytes(data=JPEG, mime_type="image/jpeg"),
    types.Part.from_text(text="add a hat"),
]
GOOGLE_WIDE = {
    "image_config": types.ImageConfig(aspect_ratio="16:9", image_size="2K"),
    "response_modalities": ["IMAGE"],
}

#: What a client asks, its words and pictures, and what each upstream hears of the rest.
QUESTIONS: dict[str, tuple[Callable[[Clients], Any], str, list[bytes], dict[str, Json]]] = {
    "chat-words": (
        lambda clients: clients.chat("a fox"),
        "a fox",
        [],
        {"chat": {}, "gemini": BOTH, "images": {}},
    ),
    "chat-pictures": (
        lambda clients: clients.chat(PICTURES),
        "add a hat",
        [PNG, WEBP],
        {"chat": {}, "gemini": BOTH, "images": {}},
    ),
    "chat-config": (
        lambda clients: clients.chat("a fox", extra_body=WIDE_CHAT),
        "a fox",
        [],
        {"chat": WIDE_CHAT, "gemini": BOTH | WIDE, "images": {"size": "2752x1536"}},
    ),
    "generate": (
        lambda clients: clients.generate(size="1536x1024", quality="high"),
        "a fox",
        [],
        {
            "chat": {"size": "1536x1024", "quality": "high"},
            "gemini": BOTH | {"imageConfig": {"aspectRatio": "3:2", "imageSize": "1K"}},
            "images": {"size": "1536x1024", "quality": "high"},
        },
    ),
    # GPT Image models refuse `response_format`: https://github.com/vercel/ai/issues/6102
    "generate-base64": (
        lambda clients: clients.generate(response_format="b64_json"),
        "a fox",
        [],
        {"chat": {}, "gemini": BOTH, "images": {}},
    ),
    "edit-one": (
        lambda clients: clients.edit(OTTER),
        "add a hat",
        [PNG],
        {"chat": {}, "gemini": BOTH, "images": {}},
    ),
    "edit-several": (
        lambda clients: clients.edit([OTTER, BEAR], background="opaque"),
        "add a hat",
        [PNG, WEBP],
        {"chat": {"background": "opaque"}, "gemini": BOTH, "images": {"background": "opaque"}},
    ),
    "google-words": (
        lambda clients: clients.content("a fox"),
        "a fox",
        [],
        {"chat": {}, "gemini": {}, "images": {}},
    ),
    "google-pictures": (
        lambda clients: clients.content(GOOGLE_PICTURES),
        "add a hat",
        [PNG, JPEG],
        {"chat": {}, "gemini": {}, "images": {}},
    ),
    "google-config": (
        lambda clients: clients.content("a fox", **GOOGLE_WIDE),
        "a fox",
        [],
        {
            "chat": WIDE_CHAT | {"modalities": ["image"]},
            "gemini": {"responseModalities": ["IMAGE"]} | WIDE,
            "images": {"size": "2752x1536"},
        },
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("target", READERS)
class TestQuestions:
    def test_an_upstream_is_asked_in_its_own_format(self, name: str, target: str) -> None:
        ask, prompt, pictures, settings = QUESTIONS[name]
        upstream = Upstream(ANSWERS[target])
        ask(Clients(upstream, target))
        path = {
            "chat": CHAT_PATH,
            "gemini": GEMINI_PATH,
            "images": EDITS_PATH if pictures else GENERATIONS_PATH,
        }[target]
        model = {} if target == "gemini" else {"model": MODELS[target]}
        expected = Asked(path, prompt, pictures, model | settings[target])
        assert expected == READERS[target](upstream)

    def test_an_upstream_gets_the_proxy_s_key_and_no_other(self, name: str, target: str) -> None:
        upstream = Upstream(ANSWERS[target])
        QUESTIONS[name][0](Clients(upstream, target))
        headers = upstream.asked.headers
        carriers = [header for header in headers.items() if "-key" in header[1]]
        assert [KEYS[target]] == carriers
        assert (str(len(upstream.asked.content)), f"{target}.example") == (
            headers["content-length"],
            headers["host"],
        )


class TestMasks:
    def test_a_mask_reaches_the_images_api(self) -> None:
        upstream = Upstream(ANSWERS["images"])
        Clients(upstream, "images").edit(OTTER, mask=("mask.png", PNG, "image/png"))
        assert [PNG] == [mask.data for mask in upstream.form.masks]
        assert [PNG] == [image.data for image in upstream.form.images]

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_a_mask_is_refused_where_there_is_none(self, target: str) -> None:
        upstream = Upstream(ANSWERS[target])
        with pytest.raises(openai.BadRequestError) as caught:
            Clients(upstream, target, retries=2).edit(OTTER, mask=("mask.png", PNG, "image/png"))
        assert ("mask", []) == (caught.value.param, upstream.calls)


class TestRoutes:
    """With ``native``, the model alone decides who is asked."""

    @pytest.mark.parametrize("model", ["google/gemini-2.5-flash-image", "gemini-9-flash-image"])
    def test_gemini_s_models_are_asked_at_google(self, model: str) -> None:
        upstream = Upstream(ANSWERS["gemini"])
        found = Clients(upstream).chat(model=model)
        bare = model.removeprefix("google/")
        url = f"https://gemini.example/v1beta/models/{bare}:generateContent"
        assert url == str(upstream.asked.url)
        assert model == found.model  # the client reads its own spelling

    @pytest.mark.parametrize("model", ["openai/gpt-image-1.5", "gpt-image-9"])
    def test_openai_s_models_are_asked_at_openai(self, model: str) -> None:
        upstream = Upstream(ANSWERS["images"])
        found = Clients(upstream).chat(model=model)
        assert "https://images.example/v1/images/generations" == str(upstream.asked.url)
        assert model.removeprefix("openai/") == upstream.document["model"]
        assert model == found.model

    @pytest.mark.parametrize("api", ["gemini", "vertex"])
    @pytest.mark.parametrize("prefix", ["", "google/", "models/"])
    def test_google_s_client_may_spell_a_model_as_it_likes(self, prefix: str, api: str) -> None:
        upstream = Upstream(ANSWERS["gemini"])
        Clients(upstream, vertex=api == "vertex").google(
            lambda client: client.models.generate_content(
                model=f"{prefix}{GEMINI_MODEL}", contents="a fox"
            )
        )
        assert f"https://gemini.example{GEMINI_PATH}" == str(upstream.asked.url)

    # Gemini knows "512" alone: https://github.com/vercel/ai/issues/12911
    @pytest.mark.parametrize("size", ["0.5K", "512px", "512"])
    def test_a_tier_is_spelled_as_gemini_spells_it(self, size: str) -> None:
        upstream = Upstream(ANSWERS["gemini"])
        model = "gemini-3.1-flash-image-preview"
        Clients(upstream).chat(model=model, extra_body={"image_config": {"image_size": size}})
        assert {"imageSize": "512"} == asked_of_gemini(upstream).settings["imageConfig"]


class TestConversations:
    """A session of google-genai: "at night" is about the picture that came before."""

    @staticmethod
    def second_call(target: str, name: str) -> Upstream:
        upstream = Upstream(sample(name))

        async def talk(client: genai.client.AsyncClient) -> None:
            session = client.chats.create(model=MODELS[target])
            await session.send_message("a fox")
            upstream.calls.clear()
            await session.send_message("at night")

        Clients(upstream, target).google(talk)
        return upstream

    # Without it: https://github.com/langchain-ai/langchain-google/issues/1431
    def test_gemini_has_its_signatures_back(self) -> None:
        upstream = self.second_call("gemini", "gemini_response_thought_images")
        first, reply, last = upstream.document["contents"]
        assert ["user", "model", "user"] == [first["role"], reply["role"], last["role"]]
        shown = [part for part in reply["parts"] if not part.get("thought")]
        assert [b"\x0a\x03\xfb\xff\xef\xfe>?"] * 2 == [
            pybase64.urlsafe_b64decode(part["thoughtSignature"]) for part in shown
        ]

    def test_chat_has_the_whole_conversation(self) -> None:
        upstream = self.second_call("chat", "chat_response_seed_array")
        messages = upstream.document["messages"]
        assert ["user", "assistant", "user"] == [message["role"] for message in messages]
        assert [PNG] == [of_uri(part["image_url"]["url"]) for part in messages[1]["content"]]

    def test_images_edits_the_last_picture(self) -> None:
        upstream = self.second_call("images", "images_response_gpt_image_full")
        assert Asked(EDITS_PATH, "at night", [WEBP], {"model": "gpt-image-2"}) == asked_of_images(
            upstream
        )
