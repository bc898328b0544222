"""What other gateways are known to have got wrong with requests, each with its public thread.

A case is a body as it was sent, and what has to become of it here.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

import imagewire
from chat_bodies import URI, image, text
from hub import MODEL, PNG, SIGNATURE
from imagewire.errors import TranslationError
from imagewire.options import Options
from known_failures import (
    ALL,
    CONFIG,
    CONTENT,
    ISSUES,
    JPEG,
    PARTS,
    REMOTE,
    SIGNED,
    STANDARD,
    URLSAFE,
    Case,
    at,
    chat,
    gemini,
    history,
    inline,
)

REQUESTS = [
    Case(
        "snake-case-inline-data-was-not-read",
        f"{ISSUES}QuantumNous/new-api/pull/1145",
        "gemini",
        "chat",
        gemini({"text": "a"}, {"inline_data": {"mime_type": "image/png", "data": PNG}}),
        f"{CONTENT}[1]",
        image(),
    ),
    Case(
        "url-safe-base64-went-into-a-data-uri",
        f"{ISSUES}lmnr-ai/lmnr/pull/1275",
        "gemini",
        "chat",
        gemini({"text": "a"}, inline(URLSAFE)),
        f"{CONTENT}[1].image_url.url",
        f"data:image/png;base64,{STANDARD}",
    ),
    Case(
        "unpadded-base64-was-refused",
        f"{ISSUES}openclaw/openclaw/pull/96437",
        "chat",
        "gemini",
        chat(text("a"), image(f"data:image/png;base64,{STANDARD.rstrip('=')}")),
        f"{PARTS}[1].inlineData.data",
        STANDARD,
    ),
    Case(
        "a-space-after-the-comma-broke-the-image",
        f"{ISSUES}Helicone/helicone/pull/4223",
        "chat",
        "gemini",
        chat(text("a"), image(f"data:image/png;base64, {PNG}")),
        f"{PARTS}[1].inlineData.data",
        PNG,
    ),
    Case(
        "line-ends-in-base64-broke-the-image",
        f"{ISSUES}thoughtbot/paperclip/pull/1321",
        "chat",
        "gemini",
        chat(text("a"), image(f"data:image/png;base64,{PNG[:76]}\r\n{PNG[76:]}\n")),
        f"{PARTS}[1].inlineData.data",
        PNG,
    ),
    Case(
        "a-data-uri-in-inline-data-failed-to-decode",
        f"{ISSUES}CherryHQ/cherry-studio/pull/14134",
        "gemini",
        "gemini",
        gemini({"text": "a"}, inline(URI)),
        f"{PARTS}[1].inlineData",
        {"mimeType": "image/png", "data": PNG},
    ),
    Case(
        "image-jpg-is-not-accepted-by-gemini",
        f"{ISSUES}CherryHQ/cherry-studio/pull/3088",
        "chat",
        "gemini",
        chat(text("a"), image(f"data:image/jpg;base64,{JPEG}")),
        f"{PARTS}[1].inlineData.mimeType",
        "image/jpeg",
    ),
    Case(
        "a-wrong-media-type-was-passed-on",
        f"{ISSUES}smallmain/vscode-unify-chat-provider/issues/228",
        "chat",
        "gemini",
        chat(text("a"), image(f"data:image/jpeg;base64,{PNG}")),
        f"{PARTS}[1].inlineData.mimeType",
        "image/png",
    ),
    Case(
        "the-media-type-of-a-stored-file-was-lost",
        f"{ISSUES}looplj/axonhub/pull/2091",
        "gemini",
        "gemini",
        gemini({"text": "a"}, {"fileData": {"mimeType": "image/webp", "fileUri": "gs://b/a"}}),
        f"{PARTS}[1].fileData",
        {"mimeType": "image/webp", "fileUri": "gs://b/a"},
    ),
    Case(
        "modalities-of-chat-were-not-those-of-gemini",
        f"{ISSUES}router-for-me/CLIProxyAPI/pull/163",
        "chat",
        "gemini",
        chat(text("a"), modalities=["image", "text"]),
        f"{CONFIG}.responseModalities",
        ["TEXT", "IMAGE"],
    ),
    Case(
        "a-ratio-outside-a-list-became-a-square",
        f"{ISSUES}maximhq/bifrost/issues/5324",
        "gemini",
        "gemini",
        gemini({"text": "a"}, generationConfig={"imageConfig": {"aspectRatio": "21:9"}}),
        f"{CONFIG}.imageConfig.aspectRatio",
        "21:9",
    ),
    Case(
        "the-smallest-size-has-one-spelling",
        f"{ISSUES}vercel/ai/issues/12911",
        "chat",
        "gemini",
        {**chat(text("a"), image_config={"image_size": "512px"})},
        f"{CONFIG}.imageConfig.imageSize",
        "512",
    ),
    Case(
        "an-image-config-in-extra-body-was-ignored",
        "https://docs.tokensmind.ai/en/guide/image/nano-banana/OpenAI",
        "chat",
        "gemini",
        chat(
            text("a"),
            extra_body={"google": {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}}},
        ),
        f"{CONFIG}.imageConfig",
        {"aspectRatio": "16:9", "imageSize": "2K"},
    ),
    Case(
        "the-signature-of-an-image-was-not-sent-back",
        f"{ISSUES}langchain-ai/langchain-google/issues/1431",
        "chat",
        "gemini",
        history(image(**SIGNED)),
        "contents[1].parts[0].thoughtSignature",
        SIGNATURE,
        ALL,
    ),
    Case(
        "the-signature-of-a-text-was-not-sent-back",
        f"{ISSUES}googleapis/js-genai/issues/1116",
        "chat",
        "gemini",
        history(text("Here.", **SIGNED), image()),
        "contents[1].parts[0].thoughtSignature",
        SIGNATURE,
        ALL,
    ),
    Case(
        "vertex-has-its-own-place-for-signatures",
        f"{ISSUES}earendil-works/pi/pull/7745",
        "chat",
        "gemini",
        history(image(extra_content={"vertex": {"thought_signature": SIGNATURE}})),
        "contents[1].parts[0].thoughtSignature",
        SIGNATURE,
        ALL,
    ),
    Case(
        "a-field-that-no-struct-names-vanished",
        f"{ISSUES}QuantumNous/new-api/issues/7340",
        "images",
        "images",
        {"model": "gpt-image-2", "prompt": "a lake", "aspect_ratio": "16:9"},
        "aspect_ratio",
        "16:9",
    ),
    Case(
        "the-mask-of-an-edit-was-ignored",
        f"{ISSUES}vercel/ai/issues/14360",
        "images",
        "images",
        {"model": "gpt-image-1", "prompt": "a", "image": URI, "mask": URI},
        "mask",
        {"image_url": URI},
        Options(edit_body="json"),
    ),
    Case(
        "a-byte-order-mark-was-no-json",
        f"{ISSUES}n8n-io/n8n/pull/35933",
        "chat",
        "gemini",
        '\ufeff{"model":"m","messages":[{"role":"user","content":"a fox"}]}',
        f"{PARTS}[0].text",
        "a fox",
    ),
]


class TestRequests:
    @pytest.mark.parametrize("case", REQUESTS, ids=str)
    def test_says_what_was_asked(self, case: Case) -> None:
        model = MODEL if case.source == "gemini" else None  # whose path names it
        source = imagewire.Endpoint(case.source, "generate", model)
        result = imagewire.translate_request(
            case.body, source=source, target=case.target, options=case.options
        )

        assert case.expected == at(result, case.path)

    def test_response_format_is_not_sent_to_gpt_image(self) -> None:
        """https://github.com/agentscope-ai/QwenPaw/issues/7575: 400 unknown_parameter."""
        body = {"model": "gpt-image-2", "prompt": "a", "image": URI, "response_format": "b64_json"}
        result = imagewire.translate_request(body, source="images", target="images")

        assert b"response_format" not in bytes(result.body)

    def test_a_models_prefix_is_not_doubled(self) -> None:
        """https://github.com/EKKOLearnAI/hermes-studio/pull/1510: ``models/models/``, 404."""
        body = {**chat(text("a")), "model": f"models/{MODEL}"}
        result = imagewire.translate_request(body, source="chat", target="gemini")

        assert f"/v1beta/models/{MODEL}:generateContent" == result.path

    def test_several_images_are_several_calls(self) -> None:
        """https://github.com/google-gemini/gemini-cli/issues/10370: candidateCount is refused."""
        result = imagewire.translate_request(chat(text("a"), n=2), source="chat", target="gemini")

        assert 2 == result.repeat
        assert b"candidateCount" not in bytes(result.body)


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "source", "target", "path"),
        [
            pytest.param(
                # https://github.com/diegosouzapw/OmniRoute/pull/4373
                chat(text("a"), image(REMOTE)),
                "chat",
                "gemini",
                "$.messages[0].content[1]",
                id="a-remote-image-was-dropped-in-silence",
            ),
            pytest.param(
                # https://github.com/topcheer/ggcode/issues/780
                gemini({"text": "a"}, inline(base64.b64encode(PNG.encode()).decode())),
                "gemini",
                "chat",
                "$.contents[0].parts[1].inlineData.data",
                id="an-image-was-encoded-twice",
            ),
            pytest.param(
                # https://github.com/musistudio/claude-code-router/pull/960
                chat(text("a"), image("data:image/png;base64,iVBORw0KGgo*")),
                "chat",
                "gemini",
                "$.messages[0].content[1].image_url.url",
                id="broken-base64-was-sent-on",
            ),
            pytest.param(
                # https://github.com/vercel/ai/issues/14360
                {"model": MODEL, "prompt": "a", "image": URI, "mask": URI},
                "images",
                "gemini",
                "$.mask",
                id="a-mask-was-ignored",
            ),
        ],
    )
    def test_what_would_be_another_request_is_refused(
        self, body: Any, source: str, target: str, path: str
    ) -> None:
        with pytest.raises(TranslationError) as caught:
            imagewire.translate_request(body, source=source, target=target, model=MODEL)

        assert (400, path) == (caught.value.status, caught.value.path)


class TestCitations:
    def test_every_case_names_its_thread(self) -> None:
        assert len(REQUESTS) == len({case.name for case in REQUESTS})
        assert {True} == {case.thread.startswith("https://") for case in REQUESTS}
