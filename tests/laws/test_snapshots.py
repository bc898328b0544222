"""Every payload of ``tests/data`` in every direction, as a file that a person can read."""

from __future__ import annotations

import base64
import email
import email.policy
from email.message import MIMEPart
from pathlib import Path
from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

import imagewire
from cases import CASES, Case, options_for
from imagewire.model import json_schema
from snapshots import ROOT

CREATED = 1735689600


def call_of(case: Case, target: str) -> dict[str, Any]:
    """The arguments of a case's translation, as plain data."""
    call: dict[str, Any] = {"source": case.format, "target": target}
    if case.kind == "request":
        call["path_model"] = case.source.model
        call["model"] = case.upstream_model(target)
        call["content_type"] = case.content_type
    else:
        call["status"] = case.status
        call["created"] = CREATED
    call["options"] = {"responses_model": mainline} if (mainline := _mainline(target)) else None
    return {name: value for name, value in call.items() if value is not None}


def _mainline(target: str) -> str | None:
    """The mainline model that a Responses request needs."""
    return options_for(target).responses_model


def result_of(case: Case, target: str) -> dict[str, Any]:
    """What a translation gives, as plain data: the message and its losses, or the error."""
    try:
        if case.kind == "request":
            request = imagewire.translate_request(
                case.body,
                source=case.source,
                target=target,
                model=case.upstream_model(target),
                content_type=case.content_type,
                options=options_for(target),
            )
            return {
                "method": request.method,
                "path": request.path,
                "headers": request.headers,
                "repeat": request.repeat,
                "body": data_of(bytes(request.body), request.headers),
                "context": {
                    name: getattr(request.context, name)
                    for name in ("model", "count", "had_input_images", "response_format")
                },
                "losses": codes_of(request.losses),
            }
        reply = imagewire.translate_response(
            case.body,
            source=case.format,
            target=target,
            status=case.status,
            created=CREATED,
            options=options_for(target),
        )
    except imagewire.TranslationError as error:
        rendered = imagewire.render_error(error, target=case.format)
        return {
            "error": type(error).__name__,
            "path": error.path,
            "status": rendered.status,
            "body": data_of(bytes(rendered.body), rendered.headers),
        }
    return {
        "status": reply.status,
        "headers": reply.headers,
        "body": data_of(bytes(reply.body), reply.headers),
        "losses": codes_of(reply.losses),
    }


def codes_of(losses: tuple[imagewire.Loss, ...]) -> list[dict[str, str]]:
    """Losses without their details, whose wording may change."""
    return [
        {"kind": loss.kind, "level": loss.level, "code": loss.code, "path": loss.path}
        for loss in losses
    ]


def data_of(body: bytes, headers: dict[str, str]) -> Any:
    """A body as plain data: JSON, or the fields and files of a form."""
    if headers["content-type"] == "application/json":
        return msgspec.json.decode(body)
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    return {"form": [field_of(part) for part in form.iter_parts()]}


def field_of(part: MIMEPart[Any, Any]) -> dict[str, str | None]:
    """A field of a form: its text, or its file in base64."""
    name = part.get_param("name", header="content-disposition")
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    filename = part.get_filename()
    if filename is None:
        return {"name": str(name), "text": data.decode()}
    encoded = base64.b64encode(data).decode()
    kind = part.get_content_type()
    return {"name": str(name), "filename": filename, "type": kind, "base64": encoded}


class TestSnapshots:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_every_payload_translates_as_its_file_says(
        self, case: Case, target: str, wire_snapshot: SnapshotAssertion
    ) -> None:
        name = f"{case.kind}/{case.format}-to-{target}/{case.name}"

        told = {"input": case.file, "call": call_of(case, target), **result_of(case, target)}

        assert told == wire_snapshot(name=name)

    def test_the_canonical_document_has_this_schema(self, wire_snapshot: SnapshotAssertion) -> None:
        assert json_schema() == wire_snapshot(name="schema")

    def test_no_file_is_left_of_a_case_that_is_gone(self) -> None:
        wanted = {
            f"{case.kind}/{case.format}-to-{target}/{case.name}.json"
            for case in CASES
            for target in imagewire.FORMATS
        } | {"schema.json"}
        wanted |= {
            f"stream/{source}-to-{target}/{kind}.json"
            for source in imagewire.FORMATS
            for target in imagewire.FORMATS
            for kind in ("whole", "live", "failure")
        }

        assert wanted == {path.relative_to(ROOT).as_posix() for path in _files(ROOT)}


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*.json") if path.is_file()]
