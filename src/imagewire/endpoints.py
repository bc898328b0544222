"""What a path asks for, which formats serve a model, and where keys travel.

All of it is read from `FORMATS`: each format states its own paths, credential and families. A model
id never leaves its path segment.
"""

from __future__ import annotations

import re
from typing import Literal

import attrs

from imagewire.catalog import CATALOG, DEFAULT_FAMILY, Catalog
from imagewire.errors import CredentialError, InvalidModelError
from imagewire.formats import FORMATS, format_named
from imagewire.formats.contract import Operation
from imagewire.messages import Headers, header_pairs
from imagewire.patterns import pattern
from imagewire.redaction import show

_KEY = pattern(r"[!-~]+")  # what a header can carry: RFC 9110, 5.5


@attrs.frozen
class Endpoint:
    """What a method and a path ask for; ``model`` only where the path names it.

    ``alt`` is how a stream is framed, ``"sse"`` or None, from the query of Google's paths.
    """

    format: str
    operation: Operation = "generate"
    model: str | None = attrs.field(default=None, repr=show)
    alt: Literal["sse"] | None = None


def match_endpoint(method: str, path: str, headers: Headers = ()) -> Endpoint | None:
    """The endpoint of a request line, or None; a query string is allowed.

    ``GET /v1/models`` is asked by the clients of several APIs: those that send a header or a query
    parameter of their own (``x-goog-api-key``, ``x-goog-api-client``, ``?key=``) are answered in
    their format, all others in the first of `FORMATS`.
    """
    asks_models = method.upper() == "GET"
    if not asks_models and method.upper() != "POST":
        return None
    path, _, query = path.partition("?")
    path = _plain(path)
    found: list[Endpoint] = []
    for name, format_ in FORMATS.items():
        read = format_.read_path(path)
        if read is not None and (read[0] == "models") is asks_models:
            found.append(Endpoint(name, *read, alt=_alt(query) if read[0] == "stream" else None))
    if len(found) > 1:
        sent = {name for name, _ in header_pairs(headers)}
        asked = {pair.partition("=")[0] for pair in query.split("&")}
        for endpoint in found:
            format_ = FORMATS[endpoint.format]
            if format_.CLIENT_HEADERS & sent or format_.CREDENTIAL.parameter in asked:
                return endpoint
    return found[0] if found else None


def _alt(query: str) -> Literal["sse"] | None:
    return "sse" if "alt=sse" in query.lower().split("&") else None


def guess_format(path: str) -> str:
    """The format in which to refuse a path that is no endpoint; of most, the first in `FORMATS`."""
    plain = _plain(path.partition("?")[0])
    own = (name for name, format_ in FORMATS.items() if format_.is_own_path(plain))
    return next(own, next(iter(FORMATS)))


def _plain(path: str) -> str:
    """A path percent-decoded once, without doubled and trailing slashes."""
    if "%" in path:
        from urllib.parse import unquote  # noqa: PLC0415 - few paths need it

        path = unquote(path)
    return re.sub("/{2,}", "/", path).rstrip("/")


def endpoint_path(
    format: str,  # noqa: A002 - the contract's name
    *,
    operation: Operation = "generate",
    model: str | None = None,
    version: str = "v1beta",
    vertex: bool = False,
) -> str:
    """The path of an operation; Gemini's names the model, in Vertex form behind its publisher.

    Raises `InvalidModelError` for an id that could leave its segment, `ValueError` for an unknown
    format, and for an operation that it does not have.
    """
    write = format_named(format).write_path
    path = write(operation, model, version=version, vertex=vertex)
    if path is None:
        msg = f"no operation {operation!r} in format {format!r}"
        raise ValueError(msg)
    return path


def native_format(model: str, *, catalog: Catalog = CATALOG) -> str:
    """The format of the upstream that serves a model; an unknown name is taken for OpenAI's.

    Raises `InvalidModelError` for a model of a family that no format's upstream serves.
    """
    family = catalog.family(model) or DEFAULT_FAMILY
    for name, format_ in FORMATS.items():
        if family == format_.NATIVE:
            return name
    msg = "Invalid value for 'model'"
    raise InvalidModelError(msg, path="$.model")


def serves(model: str, face: str, *, catalog: Catalog = CATALOG) -> bool:
    """Whether a known model is served on a face, which is a format; False for an unknown one."""
    found = catalog.find(model)
    return found is not None and face in FORMATS and found.family in FORMATS[face].FAMILIES


def read_credentials(headers: Headers, query: str = "") -> str | None:
    """The caller's key, where any format's clients send it, or None.

    That is ``Authorization: Bearer``, ``api-key``, ``x-goog-api-key`` or ``?key=``. Two that differ
    raise a `CredentialError` (401): one of them would be lost in silence. So does one that would
    not stay within its header.
    """
    places = {format_.CREDENTIAL for format_ in FORMATS.values()}
    keys: list[str] = []
    if query:
        from urllib.parse import parse_qsl  # noqa: PLC0415 - few calls have a query

        names = {place.parameter for place in places}
        keys = [value for name, value in parse_qsl(query.removeprefix("?")) if name in names]
    for name, value in header_pairs(headers):
        for place in places:
            if name == place.header:
                keys.append(_key(value, place.scheme))
            elif name in place.also:
                keys.append(value.strip())
    given = list(dict.fromkeys(filter(None, keys)))
    if not all(map(_KEY.fullmatch, given)):
        msg = "the API key has characters that no key has"
        raise CredentialError(msg)
    if len(given) > 1:
        msg = "the request carries two different API keys"
        raise CredentialError(msg)
    return given[0] if given else None


def credential_headers(format: str, key: str) -> dict[str, str]:  # noqa: A002 - the contract's name
    """The header that carries a key: ``x-goog-api-key`` for gemini, else ``Authorization``.

    Raises `ValueError` for an unknown format, and for a key that no header can carry.
    """
    if not _KEY.fullmatch(key):
        msg = "the key has characters that no header can carry"
        raise ValueError(msg)
    place = format_named(format).CREDENTIAL
    return {place.header: f"{place.scheme} {key}".lstrip()}


def _key(value: str, scheme: str) -> str:
    """The key in a header's value; empty if it has another scheme, whose case does not matter."""
    if not scheme:
        return value.strip()
    match = re.fullmatch(rf"{re.escape(scheme)}\s+(\S+)\s*", value, re.IGNORECASE)
    return match[1] if match else ""
