"""What a Gemini request cannot hold, and the turns of a conversation towards Gemini."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

import hub
import imagewire
from bodies import chat, contents, parts_of, picture, translated
from hub import AUDIO, MODEL, PICTURE, PNG, SIGNATURE
from imagewire import gemini
from imagewire.loss import CONTENT, METADATA, SETTING, LossKind
from imagewire.model import Foreign, Image, ImageRequest, Part

K = LossKind
INLINE = {"inlineData": {"mimeType": "image/png", "data": PNG}}


def written(request: ImageRequest, **options: Any) -> list[tuple[LossKind, Any, str]]:
    outcome = gemini.write_request(request, options=imagewire.Options(**options))
    return [(loss.kind, loss.level, loss.path) for loss in outcome.losses]


class TestRefusals:
    def test_a_mask_is_refused(self) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            written(hub.request(PICTURE, mask=PICTURE.image))

        assert "mask" == caught.value.param

    def test_an_uploaded_file_is_refused(self) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            written(hub.request(hub.HELLO, Part(image=Image(file_id="file-1"))))

        assert "$.turns[0].parts[1]" == caught.value.path
        assert () == caught.value.urls

    def test_the_detail_of_an_image_is_dropped(self) -> None:
        result = translated(
            chat(picture(f"data:image/png;base64,{PNG}", detail="high")), "gemini", source="chat"
        )

        assert ([INLINE], [K.DROPPED]) == (parts_of(result), [x.kind for x in result.losses])

    def test_a_neutral_detail_is_silent(self) -> None:
        result = translated(
            chat(picture(f"data:image/png;base64,{PNG}", detail="auto")), "gemini", source="chat"
        )

        assert () == result.losses


class TestModelTurns:
    @pytest.mark.parametrize(
        ("model", "part", "expected"),
        [
            pytest.param(MODEL, PICTURE, [K.APPROXIMATED], id="pro"),
            pytest.param("gemini-3.1-flash-image", PICTURE, [K.APPROXIMATED], id="flash"),
            pytest.param("gemini-2.5-flash-image", PICTURE, [], id="2.5-needs-none"),
            pytest.param(MODEL, structs.replace(PICTURE, signature=SIGNATURE), [], id="signed"),
            pytest.param(MODEL, Part(text="Here."), [], id="text"),
        ],
    )
    def test_an_unsigned_image_is_reported_towards_gemini_3(
        self, model: str, part: Part, expected: list[LossKind]
    ) -> None:
        """The API may refuse it."""
        request = structs.replace(hub.history(hub.HELLO, part), model=model)

        assert [(kind, SETTING, "$.turns[1].parts[1]") for kind in expected] == written(request)

    def test_an_image_of_the_user_needs_no_signature(self) -> None:
        assert [] == written(hub.request(PICTURE))

    def test_thought_parts_and_signatures_go_back_untouched(self) -> None:
        turn = {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True},
                {**INLINE, "thought": True},
                {**INLINE, "thoughtSignature": "-_-_"},
                {"text": "", "thoughtSignature": SIGNATURE},
            ],
        }
        body = {
            "contents": [
                contents({"text": "a"})["contents"][0],
                turn,
                {"role": "user", "parts": [{"text": "b"}]},
            ]
        }
        result = translated(body, "gemini")

        assert body["contents"] == msgspec.json.decode(bytes(result.body))["contents"]

    def test_a_turn_with_nothing_in_it_is_left_out(self) -> None:
        """Gemini refuses a content without parts."""
        user = {"role": "user", "parts": [{"text": "a"}]}
        body = {"contents": [user, {"role": "model", "parts": [], "note": 1}, user]}
        result = translated(body, "gemini")

        assert [user, user] == msgspec.json.decode(bytes(result.body))["contents"]
        assert [(METADATA, "$.contents[1]"), (SETTING, "$.contents[1].note")] == [
            (loss.level, loss.path) for loss in result.losses
        ]

    def test_a_system_instruction_with_nothing_in_it_is_left_out(self) -> None:
        body = {**contents({"text": "a"}), "systemInstruction": {"parts": []}}

        read = imagewire.gemini.read_request(body, model=MODEL).value
        written = imagewire.gemini.write_request(read).value

        assert "systemInstruction" not in msgspec.json.decode(bytes(written.body))

    def test_a_foreign_system_part_is_dropped(self) -> None:
        request = hub.request(
            system=(Part(foreign=Foreign(format="chat", kind="input_audio", value=AUDIO)),)
        )

        assert [(K.DROPPED, CONTENT, "$.system[0]")] == written(request)
