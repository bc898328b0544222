from __future__ import annotations

from typing import Any

import pytest

import imagewire
from imagewire.codec.document import Codec, encode, json_request, untyped
from imagewire.codec.fields import ProtoWire, Wire
from imagewire.codec.walk import Unknown
from imagewire.errors import MalformedError


class Leaf(ProtoWire):
    mime_type: str | None = None
    token_count: int | None = None


class Root(ProtoWire):
    model: str
    main_leaf: Leaf | None = None
    leaves: list[Leaf] | None = None
    top_p: float | None = None
    next_root: Root | None = None


class Snake(Wire):
    size: str | None = None
    top_k: int | None = None


ROOT = Codec(Root)
SNAKE = Codec(Snake)


class TestDecode:
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b'{"model":"m","mainLeaf":{"mimeType":"a"}}', id="bytes"),
            pytest.param(bytearray(b'{"model":"m","mainLeaf":{"mimeType":"a"}}'), id="bytearray"),
            pytest.param(memoryview(b'{"model":"m","mainLeaf":{"mimeType":"a"}}'), id="view"),
            pytest.param(
                memoryview(
                    b"".join(
                        bytes([byte, 0]) for byte in b'{"model":"m","mainLeaf":{"mimeType":"a"}}'
                    )
                )[::2],
                id="view-with-gaps",
            ),
            pytest.param('{"model":"m","mainLeaf":{"mimeType":"a"}}', id="str"),
            pytest.param({"model": "m", "mainLeaf": {"mimeType": "a"}}, id="mapping"),
            pytest.param(b'{"model":"m","main_leaf":{"mime_type":"a"}}', id="snake"),
            pytest.param(b'{"model":"m","main_leaf":{"mimeType":"a"}}', id="mixed"),
            pytest.param(b'{"model":"m","mainLeaf":{"mimeType":"a"},"topP":null}', id="null"),
            pytest.param(
                b'{"model":"m","mainLeaf":null,"main_leaf":{"mime_type":"a"}}', id="null-twin"
            ),
        ],
    )
    def test_a_body_comes_in_many_forms(self, body: Any) -> None:
        """Raw, decoded or parsed; camelCase and snake_case mixed; null is absent."""

        assert Root(model="m", main_leaf=Leaf(mime_type="a")) == ROOT.decode(body).value

    @pytest.mark.parametrize("text", ["2", "2.0", '"2"'])
    def test_an_int_comes_in_three_forms(self, text: str) -> None:
        """Any number as a string; ``2.0`` for an int."""
        body = f'{{"model":"m","mainLeaf":{{"token_count":{text}}}}}'

        assert Leaf(token_count=2) == ROOT.decode(body).value.main_leaf

    @pytest.mark.parametrize("text", ["0.5", '"0.5"'])
    def test_a_float_may_be_a_string(self, text: str) -> None:
        """As protobuf's JSON allows."""

        assert 0.5 == ROOT.decode(f'{{"model":"m","top_p":{text}}}').value.top_p

    def test_the_common_body_is_not_walked(self) -> None:
        """Where every key is named there is no tree, and nothing unknown."""
        document = ROOT.decode(b'{"model":"m"}')

        assert (None, None) == (document.unknown, document.tree)

    def test_snake_case_is_the_only_spelling_of_openai(self) -> None:
        """There camelCase is another field."""
        unknown = SNAKE.decode(b'{"topK":1}').unknown

        assert unknown is not None
        assert {"topK": 1} == unknown.values

    def test_openais_null_is_absent_too(self) -> None:
        """A wire object reads absent and null alike."""

        assert Snake() == SNAKE.decode(b'{"size":null,"x":1}').value


class TestErrors:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xef\xbb\xbf",
            b"\xef\xbb\xbf" * 2 + b'{"model":"m"}',
            b"not json",
            b'{"model":"\xff"}',
            b"[" * 100_000,
            "\udcff",
            {"model": object()},
        ],
        ids=[
            "empty",
            "cut",
            "mark",
            "two-marks",
            "words",
            "bad-utf-8",
            "too-deep",
            "surrogate",
            "no-data",
        ],
    )
    def test_what_is_no_json_is_malformed(self, body: Any) -> None:
        """Input bytes only ever raise TranslationError."""
        with pytest.raises(MalformedError, match="JSON"):
            ROOT.decode(body)

    @pytest.mark.parametrize("body", [b"{", "\udcff"], ids=["cut", "surrogate"])
    def test_untyped_bodies_raise_the_same(self, body: Any) -> None:
        """Word for word what the product says."""
        with pytest.raises(MalformedError) as caught:
            untyped(body)

        assert "body must be valid JSON" == caught.value.message

    def test_a_mapping_is_plain_data_already(self) -> None:
        """Callers may hold parsed JSON."""
        body = {"model": "m"}

        assert body == untyped(body)

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            pytest.param(b"[]", "$", id="no-object"),
            pytest.param(b"{}", "$.model", id="missing-field"),
            pytest.param(b'{"model":1}', "$.model", id="wrong-type"),
            pytest.param(
                b'{"model":"m","leaves":[{},{"mime_type":5}]}',
                "$.leaves[1].mime_type",
                id="deep-in-its-own-spelling",
            ),
            pytest.param(
                b'{"model":"m","leaves":{"tokenCount":"x"}}', "$.leaves.tokenCount", id="one"
            ),
            pytest.param(b'{"model":"m","leaves":["x"]}', "$.leaves[0]", id="text-for-an-object"),
            pytest.param(b'{"model":"m","top_p":"much"}', "$.top_p", id="no-number"),
            pytest.param(
                b'{"model":"m","mainLeaf":{"tokenCount":40.5}}',
                "$.mainLeaf.tokenCount",
                id="no-integer",
            ),
            pytest.param(
                b'{"model":"m","mainLeaf":{"mimeType":"a","mime_type":"a"}}',
                "$.mainLeaf.mime_type",
                id="two-spellings",
            ),
            pytest.param(
                b'{"model":"m","leaves":[{"mimeType":"a","mime_type":"a"}]}',
                "$.leaves[0].mime_type",
                id="two-spellings-in-a-list",
            ),
            pytest.param(
                b'{"model":"m","mainLeaf":{"newField":1,"new_field":2}}',
                "$.mainLeaf.new_field",
                id="two-spellings-of-an-unknown-field",
            ),
            pytest.param(b'{"model":"m","top_p":"NaN"}', "$.top_p", id="not-finite"),
        ],
    )
    def test_errors_name_their_path(self, body: bytes, path: str) -> None:
        """In the spelling of the document."""
        with pytest.raises(MalformedError) as caught:
            ROOT.decode(body)

        assert (path, 400) == (caught.value.path, caught.value.status)


class TestUnknown:
    BODY = (
        b'{"model":"m","x":1,"leaves":[{},{"y":2,"mime_type":"a"}],'
        b'"nextRoot":{"model":"n","mainLeaf":{"z":[3]}}}'
    )

    def unknown(self) -> Unknown:
        unknown = ROOT.decode(self.BODY).unknown
        assert unknown is not None
        return unknown

    def test_unknown_fields_are_kept_with_their_paths(self) -> None:
        """At every level."""
        expected = [
            (("x",), 1, False),
            (("leaves", 1, "y"), 2, False),
            (("nextRoot", "mainLeaf", "z"), [3], False),
        ]

        assert expected == self.unknown().take()

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [
            (("leaves", 1), [(("y",), 2, False)]),
            (("leaves",), [((1, "y"), 2, False)]),
            (("leaves", 0), []),
            (("nowhere", 0, "deep"), []),
        ],
    )
    def test_a_branch_is_taken_with_paths_from_there(
        self, prefix: tuple[str | int, ...], expected: list[Any]
    ) -> None:
        """Everything at and below a wire path."""

        assert expected == self.unknown().take(prefix)

    def test_what_was_taken_is_gone(self) -> None:
        """Inner nodes first, and nothing twice."""
        unknown = self.unknown()
        unknown.take(("leaves", 1))

        assert [(("x",), 1, False), (("nextRoot", "mainLeaf", "z"), [3], False)] == unknown.take()

    def test_paths_are_respelled_by_the_tree(self) -> None:
        """A walked document points into itself."""
        document = ROOT.decode(self.BODY)

        assert "$.leaves[1].mime_type" == document.spelled("$.leaves[1].mimeType")

    def test_paths_of_a_common_body_are_its_own(self) -> None:
        """Its spelling is the struct's."""

        assert "$.mainLeaf" == ROOT.decode(b'{"model":"m"}').spelled("$.mainLeaf")


class TestNumbers:
    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (b'{"model":"m","leaves":[1,[1e999]],"odd":1}', "$"),
            (b"[1,[1e999]]", "$[1][0]"),
        ],
    )
    def test_one_out_of_range_is_named_as_far_as_its_keys_are_known(
        self, body: bytes, path: str
    ) -> None:
        with pytest.raises(MalformedError) as caught:
            ROOT.decode(body)

        assert path == caught.value.path


class TestModelOnly:
    @pytest.mark.parametrize("source", ["chat", "gemini"])
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            pytest.param(
                b'{"model":"openai/gpt-image-2","n":{"not":"looked at"}}',
                "openai/gpt-image-2",
                id="named",
            ),
            pytest.param({"model": "m"}, "m", id="mapping"),
            pytest.param(b'{"contents":[]}', None, id="unnamed"),
        ],
    )
    def test_a_model_is_read_without_the_rest(
        self, source: str, body: Any, expected: str | None
    ) -> None:
        """As its client spells it."""

        assert expected == imagewire.read_model(body, source=source)


class TestEncode:
    def test_what_is_at_its_default_is_not_written(self) -> None:
        """And keys are the wire's."""
        body = encode(Root(model="m", main_leaf=Leaf(mime_type="a")))

        assert b'{"model":"m","mainLeaf":{"mimeType":"a"}}' == bytes(body)

    def test_headers_are_type_and_length(self) -> None:
        """Headers written for requests are exactly these."""
        expected = {"content-type": "application/json", "content-length": "9"}

        assert (expected, encode({"a": "b"})) == json_request({"a": "b"})


class TestContexts:
    @pytest.mark.parametrize(
        "body",
        [b'{"model":"\xff"}', "\udcff", b"{", b"[" * 5000, b'{"model":1e999}', {"a": "\udcff"}],
        ids=["utf-8", "surrogate", "cut", "deep", "number", "mapping"],
    )
    @pytest.mark.parametrize("read", [ROOT.decode, untyped, imagewire.chat.read_response])
    def test_no_error_holds_the_body_of_another(self, body: Any, read: Any) -> None:
        """A reporter of errors shows the context of each, suppressed or not."""
        if body is not None and read is untyped and isinstance(body, dict):
            return  # plain data already
        with pytest.raises(MalformedError) as caught:
            read(body)

        error: BaseException | None = caught.value
        while error is not None:
            assert not isinstance(error, UnicodeError)
            error = error.__context__ or error.__cause__
