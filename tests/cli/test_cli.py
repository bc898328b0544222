from __future__ import annotations

import json
from typing import Any

import attrs
import msgspec
import pytest

import imagewire
import imagewire.cli
from cases import DATA
from commands import A_FOX, STEERING, run
from imagewire.cli import output, translate
from imagewire.model import json_schema


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "on_terminal", lambda: True)


class TestRequest:
    sample = DATA / "chat_request_openrouter_style.json"

    def test_the_body_goes_to_stdout_byte_for_byte(self) -> None:
        expected = imagewire.translate_request(
            self.sample.read_bytes(), source="chat", target="gemini"
        )

        result = run("request", "--from", "chat", "--to", "gemini", self.sample)

        assert (0, bytes(expected.body)) == (result.exit_code, result.stdout_bytes)

    def test_the_request_line_and_the_headers_go_to_stderr(self) -> None:
        result = run("request", "--from", "chat", "--to", "native", self.sample)

        assert [
            "POST /v1beta/models/gemini-3.1-flash-image-preview:generateContent",
            "content-type: application/json",
            f"content-length: {len(result.stdout_bytes)}",
        ] == result.stderr.splitlines()

    @pytest.mark.parametrize("file", [[], ["-"]])
    def test_without_a_file_the_body_is_read_from_stdin(self, file: list[str]) -> None:
        result = run("request", "--from", "chat", "--to", "gemini", *file, body=A_FOX)

        assert "a fox" in result.stdout

    def test_on_a_terminal_the_body_is_indented_and_keeps_its_order(self, terminal: None) -> None:
        result = run("request", "--from", "chat", "--to", "gemini", self.sample)

        body = imagewire.translate_request(
            self.sample.read_bytes(), source="chat", target="gemini"
        ).body
        assert json.dumps(json.loads(bytes(body)), indent=2) + "\n" == result.stdout

    def test_what_is_no_json_is_not_indented(self) -> None:
        assert "--boundary\n\ufffd\\u0007\n" == output.readable(b"--boundary\r\n\xff\x07")

    def test_the_model_replaces_the_body_s_and_stands_for_gemini_s_path(self) -> None:
        sample = DATA / "gemini_request_text_seed.json"

        result = run("request", "--from", "gemini", "--to", "chat", "--model", "gemini-x", sample)

        assert "gemini-x" == json.loads(result.stdout)["model"]

    def test_a_repeat_is_announced(self) -> None:
        result = run("request", "--from", "chat", "--to", "gemini", body={**A_FOX, "n": 2})

        assert "to be sent 2 times" == result.stderr.splitlines()[1]

    def test_losses_are_lines_on_stderr_with_their_level(self) -> None:
        result = run("request", "--from", "chat", "--to", "gemini", body={**A_FOX, "user": "u"})

        assert (
            "DROPPED $.user: Gemini has no field for the end user's id (metadata)"
            == result.stderr.splitlines()[-1]
        )

    def test_a_refused_input_exits_with_1_and_names_its_path(self) -> None:
        result = run("request", "--from", "chat", "--to", "gemini", body={"messages": 5})

        assert (1, "", "imagewire: Expected `array`, got `int` (at $.messages)\n") == (
            result.exit_code,
            result.stdout,
            result.stderr,
        )

    def test_a_body_cannot_steer_the_terminal(self) -> None:
        key = "\x1b]0;owned\x07\nimagewire"

        result = run("request", "--from", "chat", "--to", "gemini", body={**A_FOX, key: 1})

        assert "owned" in result.stderr
        assert set() == {char for char in result.stderr if not char.isprintable()} - {"\n"}

    def test_nor_can_it_on_stdout_where_it_stays_json(self, terminal: None) -> None:
        text = "a\x9b2J\u202efox\u2028\U000e0041\u3000\n"
        body = {**A_FOX, "messages": [{"role": "user", "content": text}]}

        result = run("request", "--from", "chat", "--to", "gemini", body=body)

        assert set() == STEERING & {*result.stdout}
        assert text == json.loads(result.stdout)["contents"][0]["parts"][0]["text"]

    def test_a_pipe_gets_it_byte_for_byte(self) -> None:
        body = {**A_FOX, "messages": [{"role": "user", "content": "a\x9b\u202e"}]}

        result = run("request", "--from", "chat", "--to", "gemini", body=body)

        assert "a\x9b\u202e".encode() in result.stdout_bytes

    def test_the_content_type_reaches_the_reader(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given: list[str] = []

        def spy(body: bytes, *, content_type: str, **rest: Any) -> imagewire.TranslatedRequest:
            given.append(content_type)
            return imagewire.translate_request(body, content_type=content_type, **rest)

        monkeypatch.setattr(translate, "translate_request", spy)

        run(
            *("request", "--from", "chat", "--to", "gemini"),
            *("--content-type", "multipart/form-data; boundary=x"),
            body=A_FOX,
        )

        assert ["multipart/form-data; boundary=x"] == given

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["--from", "chat"],
            ["--from", "chat", "--to", "smtp"],
            ["--from", "native", "--to", "chat"],
            ["--from", "chat", "--to", "gemini", "no-such-file.json"],
        ],
    )
    def test_wrong_usage_exits_with_2(self, arguments: list[str]) -> None:
        assert 2 == run("request", *arguments, body=A_FOX).exit_code


class TestStrict:
    def test_without_a_loss_that_matters_it_changes_nothing(self) -> None:
        result = run("request", "--strict", "--from", "chat", "--to", "gemini", body=A_FOX)

        assert (0, True) == (result.exit_code, "a fox" in result.stdout)

    def test_a_lost_setting_exits_with_3_and_writes_no_body(self) -> None:
        body = {**A_FOX, "quality": "high"}

        result = run("request", "--strict", "--from", "chat", "--to", "gemini", body=body)

        assert (3, "") == (result.exit_code, result.stdout)
        assert "DROPPED $.quality" in result.stderr
        assert result.stderr.endswith("imagewire: --strict: 1 loss(es) of content or settings\n")

    def test_lost_bookkeeping_is_said_but_not_counted(self) -> None:
        sample = DATA / "gemini_response_ok_seed.json"

        result = run("response", "--strict", "--from", "gemini", "--to", "chat", sample)

        assert (0, True) == (result.exit_code, "DEFAULTED" in result.stderr)


class TestOption:
    chat_to_gemini = ("request", "--from", "chat", "--to", "gemini")

    def test_every_field_of_options_can_be_given_to_both_commands(self) -> None:
        fields = attrs.fields(imagewire.Options)
        flags = [
            f"-O{field.name}={'a-boundary' if field.default is None else field.default}"
            for field in fields
        ]
        gemini = DATA / "gemini_response_ok_seed.json"

        assert 0 == run(*self.chat_to_gemini, *flags, body=A_FOX).exit_code
        assert 0 == run("response", "--from", "gemini", "--to", "chat", *flags, gemini).exit_code

    def test_a_switch_is_read_as_one(self) -> None:
        result = run(*self.chat_to_gemini, "-O", "vertex=yes", body=A_FOX)

        assert "publishers/google/" in result.stderr

    def test_a_choice_reaches_the_translation(self) -> None:
        sample = DATA / "gemini_response_ok_seed.json"
        command = ("response", "--from", "gemini", "--to", "chat", sample)

        result = run(*command, "--option", "chat_images=message")

        assert 1 == len(json.loads(result.stdout)["choices"][0]["message"]["images"])

    @pytest.mark.parametrize(
        ("pair", "words"),
        [
            ("colour=red", "names are history, model_ids,"),
            ("vertex", "'vertex' is not NAME=VALUE"),
            ("vertex=perhaps", "'perhaps' is not a valid boolean"),
            ("history=none", "'history' must be in ('last_user', 'all') (got 'none')"),
            ("boundary=a b", "boundary must match"),
        ],
    )
    def test_an_unknown_name_or_a_bad_value_is_wrong_usage_and_says_why(
        self, pair: str, words: str
    ) -> None:
        result = run(*self.chat_to_gemini, "-O", pair, body=A_FOX)

        assert (2, True) == (result.exit_code, words in " ".join(result.stderr.split()))


class TestResponse:
    def test_a_success_is_translated(self) -> None:
        sample = DATA / "gemini_response_ok_seed.json"

        result = run(
            *("response", "--from", "gemini", "--to", "chat"),
            *("--model", "google/mine", "--created", "77", sample),
        )

        reply = json.loads(result.stdout)
        assert (0, "google/mine", 77) == (result.exit_code, reply["model"], reply["created"])
        assert "HTTP 200" == result.stderr.splitlines()[0]

    def test_an_upstream_s_error_is_translated_and_its_status_said(self) -> None:
        sample = DATA / "google_error_429_quota_retryinfo.json"

        result = run("response", "--from", "gemini", "--to", "chat", "--status", "429", sample)

        assert (0, "rate_limit_error") == (
            result.exit_code,
            json.loads(result.stdout)["error"]["type"],
        )
        assert {"HTTP 429", "retry-after: 35"} <= set(result.stderr.splitlines())

    def test_a_body_that_is_an_error_needs_no_status(self) -> None:
        sample = DATA / "google_error_503_unavailable.json"

        result = run("response", "--from", "gemini", "--to", "chat", sample)

        assert (0, "HTTP 503") == (result.exit_code, result.stderr.splitlines()[0])

    def test_what_is_no_reply_is_refused(self) -> None:
        result = run("response", "--from", "gemini", "--to", "chat", body=b"{}")

        assert (1, True) == (result.exit_code, result.stderr.endswith("(at $.candidates)\n"))


class TestSchema:
    def test_it_is_the_schema_of_the_canonical_document(self) -> None:
        expected = json.loads(msgspec.json.encode(json_schema()))

        assert expected == json.loads(run("schema").stdout)


class TestTables:
    @pytest.mark.parametrize(
        ("command", "table", "known"),
        [
            ("models", 0, [model.id for model in imagewire.CATALOG.models]),
            ("formats", 0, list(imagewire.FORMATS)),
            ("formats", 1, list(imagewire.LossCode)),
        ],
    )
    def test_in_a_pipe_a_row_is_a_line_of_cells_between_tabs(
        self, command: str, table: int, known: list[str]
    ) -> None:
        """And a blank line stands between two tables."""
        head, *rows = run(command).stdout.split("\n\n")[table].splitlines()

        assert known == [row.split("\t")[0] for row in rows]
        assert {head.count("\t")} == {row.count("\t") for row in rows}

    def test_formats_tell_what_can_be_lost(self) -> None:
        code = imagewire.LossCode.NEAREST_SIZE

        row = f"nearest_size\tAPPROXIMATED\tsetting\t{code.meaning}"
        assert row in run("formats").stdout.splitlines()

    def test_models_tell_their_sizes(self) -> None:
        sizes = [line.split("\t")[3] for line in run("models").stdout.splitlines()]

        assert {"1K 2K 4K", "multiples of 16 up to 3840"} <= set(sizes)

    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            ("gpt-image-1", ["low medium high", "until 2026-10-23", "gpt-image-2.6-sunburst"]),
            (
                "gemini-3.1-flash-image",
                ["", "deprecated since 2026-10-06", "gemini-nano-banana-2.1"],
            ),
            ("gpt-image-2.6-flare", ["low medium high xhigh max", "alive", ""]),
        ],
    )
    def test_models_tell_their_qualities_their_state_and_what_follows_them(
        self, model: str, expected: list[str]
    ) -> None:
        rows = [line.split("\t") for line in run("models").stdout.splitlines()]

        assert [expected] == [row[5:] for row in rows if row[0] == model]

    @pytest.mark.parametrize(
        ("command", "cell"), [("models", "gemini-3.1-flash-lite-image"), ("formats", "responses")]
    )
    def test_on_a_terminal_it_is_a_table_with_names_in_one_piece(
        self, terminal: None, command: str, cell: str
    ) -> None:
        result = run(command)

        assert (0, True) == (result.exit_code, f"│ {cell} │" in result.stdout)
