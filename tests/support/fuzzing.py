"""Fuzz targets: one for each reader and each ``translate_*``, and what must hold for any bytes."""

# What a target takes is in `fuzz_inputs`, what must hold in `fuzz_checks`. For any bytes there is a
# value or a `TranslationError`, and both are sound. The test-suite runs every target for a moment,
# ``fuzz.py`` one for long.

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import product
from random import Random
from typing import Any

import imagewire
from alike import assert_templates_are_unseen, reworded
from bypass import assert_bypass_is_unseen, enlarged
from cases import CASES, DIRECTIONS
from fuzz_checks import (
    check_error,
    check_failure,
    check_headers,
    check_losses,
    sound_outcome,
    stored,
)
from fuzz_inputs import (
    CHOICES,
    CONTROL,
    HEADERS,
    MODELS,
    SEEDS,
    STATUSES,
    boundary,
    chosen,
    direction,
    packed,
    unpacked,
)
from fuzzing_streams import stream_inputs, streams, varied_stream
from imagewire.batch.lines import Batch
from imagewire.model import Failure, FailureKind, ImageRequest, ImageResponse
from imagewire.sse import EVENTS_TYPE
from mutation import mutated
from odd_requests import OddRequest, odd_content_type, odd_request
from one_reading import assert_one_reading
from outcomes import assert_same_outcomes, equal_bodies

Target = Callable[[bytes], None]


def _read(name: str, verb: str) -> Target:
    def target(data: bytes) -> None:
        control, kind, body = unpacked(data)
        reader = imagewire.FORMATS[name]
        options = chosen(control, 0, CHOICES)
        try:
            if verb == "read_failure":
                status = chosen(control, 1, STATUSES)
                headers = chosen(control, 2, HEADERS)
                check_failure(reader.read_failure(body, status=status, headers=headers))
                return
            if verb == "read_request":
                found: Any = reader.read_request(body, content_type=kind, options=options)
            else:
                found = reader.read_response(body, options=options)
        except imagewire.TranslationError as error:
            check_error(error)
            return
        check_losses(found.losses)
        assert found.value == stored(found.value), (found.value, stored(found.value))
        _check_rewritten(reader, found.value, options)

    return target


def _check_rewritten(
    reader: Any, value: ImageRequest | ImageResponse, options: imagewire.Options
) -> None:
    """What a format read it can write, and reading that does not raise."""
    try:
        if isinstance(value, ImageRequest):
            written = reader.write_request(value, options=options)
            wire = written.value
            reader.read_request(
                bytes(wire.body),
                model=wire.model,
                content_type=wire.headers["content-type"],
                options=options,
            )
        else:
            written = reader.write_response(value, options=options)
            if written.value.status == 200:
                reader.read_response(bytes(written.value.body), options=options)
    except imagewire.TranslationError as error:
        assert isinstance(value, ImageRequest), error
        check_error(error)
        return
    check_losses(written.losses)
    check_headers(written.value.headers)


def _translate_request(data: bytes) -> None:
    control, kind, body = unpacked(data)
    source, target = direction(control)
    options = chosen(control, 1, CHOICES)

    def translate(body: Any) -> Any:
        return imagewire.translate_request(
            body,
            source=source,
            target="native" if chosen(control, 5, range(8)) == 0 else target,
            model=chosen(control, 2, MODELS),
            content_type=kind,
            options=options,
            fetched={"https://example.com/a.png": b"\x89PNG..."}
            if chosen(control, 3, range(2))
            else {},
        )

    result = sound_outcome(translate, body)
    _check_inputs(translate, body, control, kind)
    if result is None or isinstance(result, imagewire.TranslationError):
        return
    check_losses(result.losses)
    check_headers(result.headers)
    assert result.context == stored(result.context)
    assert int(result.headers["content-length"]) == len(bytes(result.body)) == len(result.body)
    imagewire.FORMATS[result.target].read_request(
        bytes(result.body),
        model=result.model or None,  # some APIs have a model of their own
        content_type=result.headers["content-type"],
        options=options,
    )


def _translate_response(data: bytes) -> None:
    control, _, body = unpacked(data)
    source, target = direction(control)
    options = chosen(control, 1, CHOICES)

    def translate(body: Any) -> Any:
        return imagewire.translate_response(
            body,
            source=source,
            target=target,
            status=chosen(control, 2, STATUSES),
            headers=chosen(control, 3, HEADERS),
            options=options,
            created=7,
        )

    result = sound_outcome(translate, body)
    _check_inputs(translate, body, control)
    _check_reply(result, target, options)


def _translate_responses(data: bytes) -> None:
    control, _, body = unpacked(data)
    source, target = direction(control)
    options = chosen(control, 1, CHOICES)
    calls: list[imagewire.Reply | Failure] = [
        imagewire.Reply(body, chosen(control, 2, STATUSES), chosen(control, 3, HEADERS)),
        imagewire.Reply(chosen(control, 4, SEEDS)),
        Failure(kind=FailureKind.TIMEOUT, message="no answer", status=504),
        imagewire.Reply(body),
    ]
    at = chosen(control, 5, range(len(calls)))
    result = sound_outcome(
        lambda calls: imagewire.translate_responses(
            calls, source=source, target=target, options=options
        ),
        calls[at:] + calls[:at],
    )
    _check_reply(result, target, options)


def _check_reply(result: Any, target: str, options: imagewire.Options) -> None:
    if isinstance(result, imagewire.TranslationError):
        return
    check_losses(result.losses)
    check_headers(result.headers)
    assert isinstance(json.loads(bytes(result.body)), dict)
    if result.failure is not None:  # under 200, too, if it is a response that failed
        check_failure(result.failure)
    else:
        assert result.status == 200
    if result.failure is None:
        imagewire.FORMATS[target].read_response(bytes(result.body), options=options)


def _check_inputs(
    translate: Callable[[Any], Any], body: bytes, control: bytes, kind: str = ""
) -> None:
    if not chosen(control, 4, range(4)):  # it costs as much as all the rest
        others = equal_bodies(body)
        if "multipart" in kind.lower():  # parsed JSON is JSON, though its content type is a form's
            others = [other for other in others if not isinstance(other, dict)]
        assert_same_outcomes(translate, body, others)


def _bypass(data: bytes) -> None:
    """Large payloads go around the codec, and the result does not show it."""
    control, kind, body = unpacked(data)
    source, target = direction(control)
    about: dict[str, Any] = {"source": source, "target": target}
    about["options"] = chosen(control, 1, CHOICES)
    if kind == "application/json":
        body = enlarged(body, Random(chosen(control, 2, range(256))))
    reply, model = imagewire.Reply(body), chosen(control, 3, MODELS)
    for call in (
        partial(imagewire.translate_request, body, **about, content_type=kind, model=model),
        partial(imagewire.translate_response, body, **about),
        partial(imagewire.translate_responses, [reply, reply], **about),
        partial(imagewire.read_model, body, source=source, content_type=kind),
    ):
        assert_bypass_is_unseen(call)


def _template(data: bytes) -> None:
    """Lines that differ in their words share a template, and the result does not show it."""
    control, _, body = unpacked(data)
    source, target = direction(control)
    options = chosen(control, 1, CHOICES)
    model = chosen(control, 3, MODELS)
    batch = Batch(source=source, target=target, model=model, options=options)
    flat = body.replace(b"\n", b"").replace(b"\r", b"")
    line = b'{"custom_id":"a","body":%b}\n' % flat
    random = Random(chosen(control, 2, range(256)))
    lines = [line, line, *(reworded(line, random) for _ in range(6))]
    for found in assert_templates_are_unseen(lines, batch):
        check_losses(found.losses)


def _one_reading(data: bytes) -> None:
    """What a proxy is told of a request is what is sent."""
    control, kind, body = unpacked(data)
    source, target = direction(control)
    options = chosen(control, 1, CHOICES)
    target = "native" if chosen(control, 5, range(8)) == 0 else target
    in_path = chosen(control, 3, MODELS) if source == "gemini" else None
    endpoint = imagewire.Endpoint(source, "generate", in_path)
    assert_one_reading(OddRequest(body, endpoint, kind), target, options)


def _look_up(data: bytes) -> None:
    """`read_model` and `remote_images`, which proxies call before they translate."""
    control, kind, body = unpacked(data)
    source, target = direction(control)
    for call in (
        lambda body: imagewire.read_model(body, source=source, content_type=kind),
        lambda body: imagewire.remote_images(body, source=source, target=target, content_type=kind),
    ):
        sound_outcome(call, body)


TARGETS: dict[str, Target] = {
    **{
        f"{name}.{verb}": _read(name, verb)
        for name, verb in product(
            imagewire.FORMATS, ("read_request", "read_response", "read_failure")
        )
    },
    "translate_request": _translate_request,
    "translate_response": _translate_response,
    "translate_responses": _translate_responses,
    "one_reading": _one_reading,
    "look_up": _look_up,
    "bypass": _bypass,
    "template": _template,
    "streams": streams,
}


def inputs(name: str) -> tuple[bytes, ...]:
    """What a target starts from: every sample that it is made for."""
    if name == "streams":
        return stream_inputs()
    verb = name.rpartition(".")[2]
    kinds = {
        "read_request": ("request",),
        "read_response": ("response", "failure"),
        "read_failure": ("failure",),
        "translate_request": ("request",),
        "one_reading": ("request",),
        "look_up": ("request",),
        "bypass": ("request", "response"),
        "template": ("request",),
    }.get(verb, ("response", "failure"))
    found: list[bytes] = []
    for case in CASES:
        direct = [place for place, (source, _) in enumerate(DIRECTIONS) if source == case.format]
        if case.kind in kinds and ("." not in name or name.startswith(f"{case.format}.")):
            kind = case.content_type if case.kind == "request" else ""
            found += [packed(bytes([place]), case.body, kind) for place in direct]
    return tuple(dict.fromkeys(found))


def varied(data: bytes, random: Random) -> bytes:
    """An input with another body or content type, and now and then another choice."""
    control, kind, body = bytearray(data[:CONTROL].ljust(CONTROL)), *unpacked(data)[1:]
    if random.random() < 0.6:
        control[random.randrange(1, CONTROL)] = random.randrange(256)
    change = random.random()
    if kind == EVENTS_TYPE:
        body = varied_stream(body, random)
    elif change < 0.1:
        body, endpoint, kind = odd_request(random)
        ours = [place for place, (source, _) in enumerate(DIRECTIONS) if source == endpoint.format]
        control[0] = random.choice(ours)
    elif change < 0.2:
        kind = odd_content_type(random, boundary(body))
    else:
        body = mutated(body, random, SEEDS)
    return packed(bytes(control), body, kind)
