"""What a model has and lacks, as a translation into its API meets it."""

from __future__ import annotations

from typing import Any

import pytest

import imagewire
from bodies import chat, contents, document, picture
from cases import case
from hub import PNG, PNG_URI
from imagewire import CATALOG, images
from imagewire.catalog import Model
from imagewire.loss import LossKind, LossLevel
from imagewire.model import ImageRequest, Part, Turn

FOX = {"text": "a fox"}
ASKED = chat({"type": "text", **FOX})
EDITED = chat({"type": "text", **FOX}, picture(PNG_URI))
DROPPED, APPROXIMATED = LossKind.DROPPED, LossKind.APPROXIMATED
LACKS, NEAREST = (DROPPED, "model_lacks_setting"), (APPROXIMATED, "nearest_quality")


def losses(result: imagewire.TranslatedRequest) -> list[tuple[LossKind, str, str]]:
    return [(loss.kind, str(loss.code), loss.path) for loss in result.losses]


def to_gemini(model: str, **fields: Any) -> imagewire.TranslatedRequest:
    """A chat request for a model, as Gemini gets it."""
    body = {**ASKED, "model": model, **fields}
    return imagewire.translate_request(body, source="chat", target="gemini")


class TestValues:
    """A quality, a background, a format or a fidelity that a model may lack."""

    @pytest.mark.parametrize(
        ("model", "field", "value", "written", "loss"),
        [
            case("low", "gpt-image-2", "quality", "low", "low", None),
            case("max", "gpt-image-2", "quality", "max", "high", NEAREST),
            case("xhigh", "openai/gpt-image-1.5", "quality", "xhigh", "high", NEAREST),
            case("max-of-2.5", "gpt-image-2.5-flare", "quality", "max", "max", None),
            case("max-of-2.6", "gpt-image-2.6-sunburst", "quality", "max", "max", None),
            case("hd", "gpt-image-2", "quality", "hd", "high", NEAREST),
            case("standard", "gpt-image-2", "quality", "standard", "medium", NEAREST),
            case("high-of-dall-e", "dall-e-3", "quality", "high", "hd", NEAREST),
            case("no-quality", "gpt-image-2", "quality", "splendid", None, LACKS),
            case("gif", "gpt-image-2", "output_format", "gif", None, LACKS),
            case("gif-of-2.5", "gpt-image-2.5-flare", "output_format", "gif", "gif", None),
            case("svg-of-2.6", "gpt-image-2.6-flare", "output_format", "svg", "svg", None),
            case("png-of-dall-e", "dall-e-3", "output_format", "png", None, LACKS),
            case("background", "gpt-image-2", "background", "transparent", "transparent", None),
            case("no-background", "gpt-image-2", "background", "striped", None, LACKS),
            case("high", "gpt-image-1-mini", "input_fidelity", "high", None, LACKS),
            case("low-of-mini", "gpt-image-1-mini", "input_fidelity", "low", "low", None),
            case("high-of-1.5", "chatgpt-image-latest", "input_fidelity", "high", "high", None),
            case("no-fidelity", "gpt-image-2", "input_fidelity", "low", None, LACKS),
            case("of-2.5", "gpt-image-2.5-sunburst", "input_fidelity", "low", None, LACKS),
            case("unknown-quality", "gpt-image-9", "quality", "splendid", "splendid", None),
            case("unknown-format", "my-model", "output_format", "avif", "avif", None),
            case("unknown-fidelity", "gpt-image-2-mini", "input_fidelity", "low", "low", None),
        ],
    )
    def test_it_is_written_if_the_model_has_it_and_reported_if_not(
        self,
        model: str,
        field: str,
        value: str,
        written: str | None,
        loss: tuple[LossKind, str] | None,
    ) -> None:
        body = {**EDITED, "model": model, field: value}
        options = imagewire.Options(edit_body="json")
        result = imagewire.translate_request(body, source="chat", target="images", options=options)

        assert written == document(result).get(field)
        assert ([(*loss, f"$.{field}")] if loss else []) == losses(result)
        assert all(found.level == LossLevel.SETTING for found in result.losses)

    @pytest.mark.parametrize("model", ["gpt-image-1-mini", "gpt-image-2", "dall-e-3"])
    def test_what_the_images_api_itself_was_asked_for_passes(self, model: str) -> None:
        """Its API refuses it itself."""
        body = {
            "model": model,
            "prompt": "a fox",
            "images": [{"image_url": PNG_URI}],
            "size": "7x7",
            "quality": "max",
            "background": "striped",
            "output_format": "tiff",
            "input_fidelity": "high",
        }
        options = imagewire.Options(edit_body="json")
        result = imagewire.translate_request(
            body, source="images", target="images", options=options
        )

        assert (body, ()) == (document(result), result.losses)

    def test_but_not_if_the_caller_asks_another_model_than_its_client(self) -> None:
        body = {"model": "gpt-image-2.5-flare", "prompt": "a fox", "quality": "max", "size": "7x7"}
        result = imagewire.translate_request(
            body, source="images", target="images", model="gpt-image-2"
        )

        assert {**body, "model": "gpt-image-2", "quality": "high"} == document(result)
        assert [(*NEAREST, "$.quality")] == losses(result)

    def test_a_callers_row_has_what_it_tells_and_the_rest_passes(self) -> None:
        row = Model(id="fox-painter", family="openai", qualities=("low",), backgrounds=())
        fields = {"quality": "max", "background": "opaque", "output_format": "avif"}
        result = imagewire.translate_request(
            {**ASKED, "model": "fox-painter", **fields},
            source="chat",
            target="images",
            catalog=CATALOG.with_models(row),
        )

        assert {"model": "fox-painter", "prompt": "a fox", "quality": "low"} | {
            "output_format": "avif"
        } == document(result)
        assert [(*NEAREST, "$.quality"), (*LACKS, "$.background")] == losses(result)


class TestResponseFormat:
    @pytest.mark.parametrize(
        ("model", "kept"),
        [
            *(("gpt-image-2", False), ("gpt-image-9", False), ("chatgpt-image-latest", False)),
            *(("dall-e-3", True), ("grok-imagine-image", True), ("my-deployment", True)),
        ],
    )
    @pytest.mark.parametrize("given", ["b64_json", "url"])
    def test_only_gpt_image_models_go_without(self, model: str, kept: bool, given: str) -> None:  # noqa: FBT001
        body = {"model": model, "prompt": "a fox", "response_format": given}
        result = imagewire.translate_request(body, source="images", target="images")
        lost = [] if kept or given == "b64_json" else [(DROPPED, "response_format")]

        assert (given if kept else None) == document(result).get("response_format")
        assert lost == [(loss.kind, str(loss.code)) for loss in result.losses]


class TestShapes:
    """Pixels become the ratio and the tier of the Gemini model that is asked."""

    @pytest.mark.parametrize(
        ("model", "size", "ratio", "tier", "exact"),
        [
            case("1:4", "gemini-nano-banana-2.1", "1024x4096", "1:4", "2K", True),
            case("no-512", "gemini-nano-banana-2.1", "512x512", "1:1", "1K", False),
            case("lite", "gemini-3.1-flash-lite-image", "2752x1536", "16:9", "1K", False),
            case("lite-1k", "gemini-3.1-flash-lite-image", "1376x768", "16:9", "1K", True),
            case("pro", "nano-banana-pro-preview", "1024x4096", "9:16", "2K", False),
            case("misprint", "gemini-3.1-flash-image", "792x168", "21:9", "512", True),
            case("meant", "gemini-3.1-flash-image-preview", "792x336", "21:9", "512", True),
            case("misprint-2.1", "gemini-nano-banana-2.1", "792x168", "21:9", "1K", False),
            case("unknown", "gemini-9", "1024x4096", "1:4", "2K", True),
            case("another-unknown", "my-model", "2752x1536", "16:9", "2K", True),
        ],
    )
    def test_the_nearest_that_the_model_makes(
        self,
        model: str,
        size: str,
        ratio: str,
        tier: str,
        exact: bool,  # noqa: FBT001
    ) -> None:
        result = to_gemini(model, size=size)
        config = document(result)["generationConfig"]["imageConfig"]

        assert {"aspectRatio": ratio, "imageSize": tier} == config
        assert ([] if exact else [(APPROXIMATED, "nearest_size", "$.size")]) == losses(result)

    @pytest.mark.parametrize(
        ("model", "listed"),
        [("gemini-nano-banana-2.1", False), ("gemini-3.1-flash-image", True), ("gemini-9", True)],
    )
    def test_a_tier_given_as_such_passes(self, model: str, listed: bool) -> None:  # noqa: FBT001
        """Reported if the model is known to lack it, under the name that the client gave it."""
        result = to_gemini(f"google/{model}", image_config={"image_size": "512"})
        detail = f"tier 512: {model} is not known to make it"

        assert "512" == document(result)["generationConfig"]["imageConfig"]["imageSize"]
        assert ([] if listed else [detail]) == [loss.detail for loss in result.losses]

    def test_a_callers_row_that_tells_no_ratios_is_asked_for_any(self) -> None:
        row = Model(id="fox-painter", family="gemini", tiers=("1K",))
        catalog = CATALOG.with_models(row)
        body = {**ASKED, "model": "fox-painter"}
        sized = imagewire.translate_request(
            {**body, "size": "512x2048"}, source="chat", target="gemini", catalog=catalog
        )
        shaped = imagewire.translate_request(
            {**body, "aspect_ratio": "7:3"}, source="chat", target="gemini", catalog=catalog
        )

        assert {"aspectRatio": "1:4", "imageSize": "1K"} == document(sized)["generationConfig"][
            "imageConfig"
        ]
        assert () == shaped.losses


class TestSignatures:
    @pytest.mark.parametrize(
        ("model", "needed"),
        [
            *(("gemini-nano-banana-2.1", True), ("gemini-3.1-flash-lite-image", True)),
            *(("gemini-9", True), ("gemini-2.5-flash-image", False)),
        ],
    )
    def test_an_unsigned_picture_of_the_model_is_reported(self, model: str, needed: bool) -> None:  # noqa: FBT001
        drawn = {"role": "model", "parts": [{"inlineData": {"mimeType": "image/png", "data": PNG}}]}
        body = {"contents": [*contents(FOX)["contents"], drawn, *contents(FOX)["contents"]]}
        source = imagewire.Endpoint("gemini", "generate", model)
        result = imagewire.translate_request(body, source=source, target="gemini")

        assert (["missing_signature"] if needed else []) == [str(x.code) for x in result.losses]

    def test_a_draft_has_no_signature_that_could_be_missing(self) -> None:
        """The AI SDK sends drafts back as they came."""
        draft = {"inlineData": {"mimeType": "image/png", "data": PNG}, "thought": True}
        said = {"role": "model", "parts": [draft, {"text": "Hm."}]}
        body = {"contents": [*contents(FOX)["contents"], said, *contents(FOX)["contents"]]}
        source = imagewire.Endpoint("gemini", "generate", "gemini-nano-banana-2.1")
        result = imagewire.translate_request(body, source=source, target="gemini")

        assert () == result.losses


class TestNames:
    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            *(("nano-banana-pro-preview", "gemini"), ("nano-banana-3", "gemini")),
            *(("imagen-4.0", "gemini"), ("google/imagen-4.0-generate-001", "gemini")),
            *(("gpt-image-2-mini", "images"), ("chatgpt-image-9", "images")),
            *(("dall-e-3", "images"), ("grok-imagine-image", "images")),
        ],
    )
    def test_a_family_is_known_by_its_names(self, model: str, expected: str) -> None:
        assert expected == imagewire.native_format(model)

    @pytest.mark.parametrize("model", ["gpt-image-2", "gemini-9", "my-model"])
    def test_the_images_api_gets_no_prefix_that_was_not_written(self, model: str) -> None:
        request = ImageRequest(model=model, turns=(Turn(role="user", parts=(Part(text="a fox"),)),))
        written = images.write_request(request).value
        path = imagewire.Endpoint("gemini", "generate", model)
        sent = imagewire.translate_request(contents(FOX), source=path, target="images")

        assert [model] * 3 == [written.model, sent.model, document(sent)["model"]]

    def test_chat_gets_one_for_a_model_of_geminis_alone(self) -> None:
        def sent(model: str) -> object:
            path = imagewire.Endpoint("gemini", "generate", model)
            result = imagewire.translate_request(contents(FOX), source=path, target="chat")
            return document(result)["model"]

        assert "google/gemini-nano-banana-2.1" == sent("gemini-nano-banana-2.1")
        assert ("gpt-image-2", "gemini-9") == (sent("gpt-image-2"), sent("gemini-9"))
