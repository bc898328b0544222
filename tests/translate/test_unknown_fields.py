"""``Options.unknown_fields``: fields that are neither official nor known spellings of one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document
from full_bodies import FULL, Full, added, objects_in
from hub import MODEL, PNG
from imagewire import LossKind
from imagewire.codec.fields import Wire
from imagewire.formats.gemini import wire as gemini_wire
from imagewire.paths import join
from sdk_bodies import BODIES
from sdk_fields import FOREIGN, REFUSED_ELSEWHERE, REPORTED, SILENT
from sdk_places import PLACES, translated
from sdk_types import ROOTS, Root

DROP = imagewire.Options(unknown_fields="drop", history="all", keep_drafts=True, edit_body="json")
FOX = {"role": "user", "content": "a fox"}
TABLES = (REPORTED, SILENT, REFUSED_ELSEWHERE, FOREIGN)
#: Known, with all that they hold.
HELD_WHOLE = {
    *("annotations", "function_call", "logprobs", "safetyRatings", "tool_calls"),
    *("reasoning", "response_format", "error"),
}
#: Made by an SDK, on no wire.
MADE = {"sdkHttpResponse", "automaticFunctionCallingHistory", "parsed"}


def dropped(source: str, kind: str, body: Any, **about: Any) -> Any:
    """The translation of a body into its own format, without fields that are not known."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    if kind == "response":
        return imagewire.translate_response(raw, source=source, target=source, options=DROP)
    model = MODEL if source == "gemini" else None
    about = {"source": source, "target": source, "model": model, "options": DROP, **about}
    return imagewire.translate_request(raw, **about)


def structs() -> list[type[Wire]]:
    return sorted({struct for table in TABLES for struct in table}, key=str)


class TestOfficialFields:
    @pytest.mark.parametrize("struct", structs(), ids=lambda s: f"{s.__module__}.{s.__name__}")
    def test_a_struct_lists_those_that_it_does_not_name(self, struct: type[Wire]) -> None:
        listed = {
            name for table in TABLES for names in table.get(struct, {}).values() for name in names
        }

        assert listed - MADE == struct.OFFICIAL

    @pytest.mark.parametrize("root", ROOTS, ids=str)
    def test_they_come_back(self, root: Root) -> None:
        """Each in a body of all that the SDK's types name, as without the option."""
        for place in PLACES:
            if place.root is root and place.field.ours is None and place.field.name not in MADE:
                try:
                    plain = translated(root, place.filled, root.format)
                except imagewire.TranslationError:
                    continue
                again = dropped(root.format, root.kind, place.filled)

                assert document(plain) == document(again), str(place)
                assert plain.losses == again.losses, str(place)

    @pytest.mark.parametrize("root", ROOTS, ids=str)
    def test_a_body_of_official_fields_is_the_same(self, root: Root) -> None:
        body = BODIES[str(root)]

        assert body == document(dropped(root.format, root.kind, body))

    def test_in_either_spelling(self) -> None:
        body = {"contents": [{"parts": [{"text": "a", "media_resolution": {"level": "L"}}]}]}
        written = document(dropped("gemini", "request", body))

        assert body["contents"][0]["parts"] == written["contents"][0]["parts"]
        assert "mediaResolution" in gemini_wire.Part.OFFICIAL


class TestUnknownFields:
    @pytest.mark.parametrize("full", FULL, ids=str)
    @pytest.mark.parametrize("value", [{"a": 1}, None, False, ""], ids=repr)
    def test_none_goes_back_and_each_is_reported(self, full: Full, value: Any) -> None:
        """Beside every field, at every level, whatever it says."""
        before = dropped(full.format, full.kind, full.body)
        for path in objects_in(full.body):
            if HELD_WHOLE & set(path):
                continue
            body = added(full.body, path, xUnknown=value)
            result = dropped(full.format, full.kind, body)
            new = [loss.path for loss in result.losses if loss not in before.losses]

            assert b"xUnknown" not in bytes(result.body), path
            if value == {"a": 1}:
                assert [join("$", (*path, "xUnknown"))] == new or path_is_gone(new, path), path

    @pytest.mark.parametrize(
        "fields",
        [
            {"models": ["gpt-image-1"]},
            {"Model": "gpt-image-1"},
            {"extra_body": {"model": "gpt-image-1"}},
            {"extra_body": {"google": {"model": "gpt-image-1"}}},
            {"route": "fallback", "provider": {"order": []}},
        ],
    )
    def test_another_name_for_the_model_is_none(self, fields: dict[str, Any]) -> None:
        """An allow-list on the model alone would not see it."""
        body = {"model": "gpt-image-2", "messages": [FOX], **fields}
        result = dropped("chat", "request", body)

        assert {"model": "gpt-image-2", "messages": [FOX]} == document(result)
        assert [LossKind.DROPPED] * len(result.losses) == [loss.kind for loss in result.losses]
        assert len(fields) == len(result.losses)

    def test_a_null_says_nothing_and_takes_no_known_field_with_it(self) -> None:
        """Its name may be that of a known field in the other case."""
        body = {"model": "m", "messages": [FOX], "max_tokens": 100}

        found = dropped("chat", "request", body | {"maxTokens": None, "Model": None})

        assert (body, ()) == (document(found), found.losses)

    def test_of_a_foreign_part_none_goes_back(self) -> None:
        audio = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
        body = {"model": "m", "messages": [{"role": "user", "content": [{**audio, "model": "x"}]}]}
        result = dropped("chat", "request", body)

        assert [audio] == document(result)["messages"][0]["content"]
        assert ["$.messages[0].content[0].model"] == [loss.path for loss in result.losses]

    def test_of_a_tools_message_none_goes_back(self) -> None:
        tool = {"role": "tool", "content": "x", "tool_call_id": "1"}
        body = {"model": "m", "messages": [{**tool, "model": "x"}, FOX]}
        result = dropped("chat", "request", body)

        assert tool == document(result)["messages"][0]
        assert ["$.messages[0].model"] == [loss.path for loss in result.losses]

    def test_a_part_of_nothing_else_is_left_out(self) -> None:
        body = {"contents": [{"parts": [{"text": "a"}, {"hologram": {"model": "x"}}]}]}
        result = dropped("gemini", "request", body)

        assert [{"text": "a"}] == document(result)["contents"][0]["parts"]
        assert ["$.contents[0].parts[1].hologram"] == [loss.path for loss in result.losses]

    def test_of_a_system_message_none_goes_back(self) -> None:
        part = {"type": "text", "text": "Be terse."}
        system = {"role": "system", "content": [part, {**part, "u": 1}]}
        result = dropped("chat", "request", {"model": "m", "messages": [system, FOX]})

        assert ["$.messages[0].content[1].u"] == [loss.path for loss in result.losses]
        assert b'"u"' not in bytes(result.body)

    def test_another_format_never_gets_them(self) -> None:
        body = {"model": MODEL, "messages": [FOX], "x": 1, "y": None}
        pass_, drop = (
            imagewire.translate_request(body, source="chat", target="gemini", options=options)
            for options in (imagewire.Options(), DROP)
        )

        assert pass_ == drop

    def test_a_reply_keeps_its_picture(self) -> None:
        result = dropped("images", "response", {"data": [{"b64_json": PNG, "x": 1}], "y": [2]})

        assert {"created": 0, "data": [{"b64_json": PNG}], "output_format": "png"} == document(
            result
        )
        assert {"$.data[0].x", "$.y"} <= {loss.path for loss in result.losses}


def path_is_gone(losses: list[str], path: tuple[str | int, ...]) -> bool:
    """Whether what held the field is not written anyway."""
    return losses == [] or all(loss.startswith(join("$", path[:1])) for loss in losses)
