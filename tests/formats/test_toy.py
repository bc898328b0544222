"""A format that is none of the package's own: one line in the table, or an object, is enough."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import imagewire
import toy
from bodies import document
from hub import GIF, PNG
from imagewire import Endpoint, Failure, FailureKind, Format, Reply, ReplyContext
from imagewire.batch import Batch, Line, translate_lines

FOX = {"ask": "a fox", "model": "toy-1", "many": 2, "shape": "16:9", "seed": 7}
CHAT = {
    "model": "toy-1",
    "n": 2,
    "seed": 7,
    "image_config": {"aspect_ratio": "16:9"},
    "messages": [{"role": "user", "content": "a fox"}],
}
PICTURE = f"data:image/png;base64,{PNG}"
PAINTED = {"pictures": [PICTURE], "says": "Here.", "model": "toy-1"}
BUSY = {"error": {"kind": "rate_limit", "message": "Slow down.", "wait": 2.0}}
ENDPOINT = Endpoint("toy")

#: The toy format as a caller may mean it; as an object it works outside of the table, too.
MEANT: list[Any] = ["toy", toy, ENDPOINT]
meant = pytest.mark.parametrize("given", MEANT, ids=["name", "object", "endpoint"])


def request(body: Any, source: Any, target: Any, **about: Any) -> imagewire.TranslatedRequest:
    about = {"catalog": toy.WITH_TOYS, **about}
    return imagewire.translate_request(body, source=source, target=target, **about)


def response(body: Any, source: Any, target: Any, **about: Any) -> imagewire.TranslatedResponse:
    return imagewire.translate_response(body, source=source, target=target, created=1, **about)


class TestOutsideOfTheTable:
    """An object with a format's facts and verbs is a source and a target."""

    def test_it_is_a_format(self) -> None:
        given: Format = toy

        assert ("toy", False) == (given.NAME, given.NAME in imagewire.FORMATS)

    def test_its_name_means_nothing(self) -> None:
        with pytest.raises(ValueError, match="unknown format 'toy'"):
            request(FOX, "toy", "chat")

    def test_it_is_a_source_and_a_target_of_requests(self) -> None:
        there = request(FOX, toy, "chat", model="gpt-image-2")
        back = request(CHAT, "chat", toy)

        assert ("chat", "a fox") == (there.target, document(there)["messages"][0]["content"])
        assert ("toy", toy.PATH, FOX) == (back.target, back.path, document(back))

    def test_it_is_a_source_and_a_target_of_replies(self) -> None:
        there = response(PAINTED, toy, "images")
        back = response(bytes(there.body), "images", toy, context=ReplyContext(model="toy-1"))

        assert PNG == document(there)["data"][0]["b64_json"]
        assert {"pictures": [PICTURE], "model": "toy-1"} == document(back)

    def test_it_is_a_source_and_a_target_of_failures(self) -> None:
        there = response(BUSY, toy, "gemini", status=429)
        back = response(bytes(there.body), "gemini", toy, status=429)

        assert (429, "RESOURCE_EXHAUSTED") == (there.status, document(there)["error"]["status"])
        assert (429, BUSY) == (back.status, document(back))

    def test_the_model_and_the_remote_images_of_its_requests_are_read(self) -> None:
        body = {**FOX, "pictures": ["https://example.com/a.png"]}

        assert "toy-1" == imagewire.read_model(body, source=toy)
        assert ("https://example.com/a.png",) == imagewire.remote_images(
            body, source=toy, target="gemini"
        )

    def test_it_is_its_own_target(self) -> None:
        assert FOX == document(request(FOX, toy, toy))


@pytest.mark.usefixtures("with_toy")
class TestInTheTable:
    @meant
    def test_a_request_is_read_from_it(self, given: Any) -> None:
        found = request(FOX, given, "gemini", model="gemini-2.5-flash-image")

        assert [{"role": "user", "parts": [{"text": "a fox"}]}] == document(found)["contents"]
        assert (2, ReplyContext(model="toy-1", count=2, had_input_images=False)) == (
            found.repeat,
            found.context,
        )

    @meant
    def test_a_request_is_written_to_it(self, given: Any) -> None:
        found = request(CHAT, "chat", given)

        assert ("toy", toy.PATH, FOX, ()) == (
            found.target,
            found.path,
            document(found),
            found.losses,
        )

    def test_what_it_cannot_keep_is_reported(self) -> None:
        body = {**CHAT, "temperature": 1, "user": "u-1"}
        found = request(body, "chat", "toy")

        assert FOX == document(found)
        assert {"temperature": "setting", "user": "metadata"} == {
            loss.path.rpartition(".")[2]: loss.level for loss in found.losses
        }

    def test_what_must_not_be_left_out_is_refused(self) -> None:
        body = {
            "contents": [{"role": "user", "parts": [{"text": "a fox"}]}],
            "tools": [{"googleSearch": {}}],
        }

        with pytest.raises(imagewire.UnsupportedError):
            request(body, "gemini", "toy", model="toy-1")

    def test_its_own_unknown_fields_come_back_and_others_hear_of_them(self) -> None:
        body = {**FOX, "brush": "wet"}

        assert body == document(request(body, "toy", "toy"))
        assert ["brush"] == [
            loss.path.rpartition(".")[2]
            for loss in request(body, "toy", "chat", model="gpt-image-2").losses
        ]

    @pytest.mark.parametrize("name", ["chat", "gemini", "images"])
    def test_replies_go_to_every_format_and_come_back(self, name: str) -> None:
        painted = {"pictures": [PICTURE, f"data:image/gif;base64,{GIF}"]}
        there = response(painted, "toy", name)
        back = response(bytes(there.body), name, "toy")

        assert painted["pictures"] == document(back)["pictures"]

    @meant
    def test_a_failure_is_read_from_it_and_written_to_it(self, given: Any) -> None:
        there = response(BUSY, given, "chat", status=429)
        back = response(bytes(there.body), "chat", given, status=429, headers=there.headers)

        assert there.failure is not None
        assert (FailureKind.RATE_LIMIT, 2.0) == (there.failure.kind, there.failure.retry_after)
        assert BUSY == document(back)

    def test_an_error_under_a_success_is_a_failure(self) -> None:
        found = response(BUSY, "toy", "images")

        assert (429, FailureKind.RATE_LIMIT) == (found.status, found.failure and found.failure.kind)

    def test_a_reply_that_is_none_is_the_upstreams_fault(self) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            response(b"{}", "toy", "chat")

        assert (502, "$.pictures") == (caught.value.status, caught.value.path)

    @meant
    def test_an_error_is_rendered_in_it(self, given: Any) -> None:
        error = imagewire.MalformedError("a fox needs a tail", path="$.ask")
        found = imagewire.render_error(error, target=given)

        assert 400 == found.status
        assert {"error": {"kind": "invalid_request", "message": "a fox needs a tail"}} == document(
            found
        )

    @meant
    def test_several_replies_become_one(self, given: Any) -> None:
        failed = Failure(kind=FailureKind.TIMEOUT, message="Too slow.", status=504)
        replies: list[Reply | Failure] = [Reply(PAINTED), failed, Reply(BUSY, 429), Reply(PAINTED)]
        found = imagewire.translate_responses(replies, source=given, target=given)

        assert [PICTURE, PICTURE] == document(found)["pictures"]
        assert {"$[1]", "$[2]"} <= {loss.path for loss in found.losses}

    @meant
    def test_model_and_remote_images_are_read(self, given: Any) -> None:
        body = {**FOX, "pictures": ["https://example.com/a.png"]}

        assert "toy-1" == imagewire.read_model(body, source=given)
        assert ("https://example.com/a.png",) == imagewire.remote_images(
            body, source=given, target="gemini"
        )
        assert () == imagewire.remote_images(body, source=given, target=given)


@pytest.mark.usefixtures("with_toy")
class TestEndpoints:
    def test_its_path_is_matched_and_written(self) -> None:
        assert ENDPOINT == imagewire.match_endpoint("POST", f"{toy.PATH}?trace=1")
        assert toy.PATH == imagewire.endpoint_path("toy")

    def test_an_operation_that_it_does_not_have_is_a_value_error(self) -> None:
        with pytest.raises(ValueError, match="no operation 'edit' in format 'toy'"):
            imagewire.endpoint_path("toy", operation="edit")

    def test_its_key_is_read_and_written(self) -> None:
        headers = imagewire.credential_headers("toy", "k1")

        assert {"x-toy-key": "k1"} == headers
        assert "k1" == imagewire.read_credentials(headers)

    def test_its_key_and_another_one_are_an_error(self) -> None:
        with pytest.raises(imagewire.CredentialError):
            imagewire.read_credentials({"x-toy-key": "k1", "authorization": "Bearer k2"})


@pytest.mark.usefixtures("with_toy")
class TestCatalogue:
    def test_a_model_of_its_family_is_served_by_it_alone(self) -> None:
        served = {
            name
            for name in imagewire.FORMATS
            if imagewire.serves("toy-1-preview", name, catalog=toy.WITH_TOYS)
        }

        assert {"toy"} == served

    def test_its_upstream_is_the_native_one_of_its_family(self) -> None:
        assert "toy" == imagewire.native_format("toy-1", catalog=toy.WITH_TOYS)
        assert "toy" == request(CHAT, "chat", "native").target

    @pytest.mark.parametrize(("model", "target"), [("toy-1", "images"), ("gpt-image-2", "toy")])
    def test_a_model_of_another_family_is_invalid(self, model: str, target: str) -> None:
        with pytest.raises(imagewire.InvalidModelError):
            request({**CHAT, "model": model}, "chat", target)


@pytest.mark.usefixtures("with_toy")
class TestBatches:
    def test_lines_go_there_and_back_in_the_shape_of_its_batch_api(self) -> None:
        there = Batch(source="gemini", target="toy", model="toy-1")
        asked = {"key": "a", "request": {"contents": [{"parts": [{"text": "a fox"}]}]}}
        sent = [*translate_lines([json.dumps(asked).encode()], there)]

        assert isinstance(sent[0], Line)
        line = document(sent[0])
        assert ("a", toy.PATH, {"ask": "a fox", "model": "toy-1"}) == (
            line["custom_id"],
            line["url"],
            line["body"],
        )

        back = Batch(source="toy", target="gemini", kind="response")
        answered = {"custom_id": "a", "response": {"status_code": 200, "body": PAINTED}}
        got = [*translate_lines([json.dumps(answered).encode()], back)]

        assert isinstance(got[0], Line)
        assert ("a", PNG) == (
            document(got[0])["key"],
            document(got[0])["response"]["candidates"][0]["content"]["parts"][0]["inlineData"][
                "data"
            ],
        )

    def test_a_line_that_names_its_path_is_one_of_its_requests(self) -> None:
        batch = Batch(source="toy", target="chat", model="gpt-image-2")
        line = {"custom_id": "a", "method": "POST", "url": toy.PATH, "body": FOX}
        sent = [*translate_lines([json.dumps(line).encode()], batch)]

        assert isinstance(sent[0], Line)
        assert "a fox" == document(sent[0])["body"]["messages"][0]["content"]


class TestCommandLine:
    """A program that puts it into the table before it starts the command line."""

    PROGRAM = (
        "import imagewire, toy; imagewire.FORMATS['toy'] = toy; "
        "from imagewire.cli.main import main; main()"
    )

    def run(self, *arguments: str, body: Any = None, cwd: Path | None = None) -> str:
        ran = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", self.PROGRAM, *arguments],
            input=json.dumps(body).encode(),
            capture_output=True,
            check=True,
            timeout=60,
            cwd=cwd,
            env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        )
        return ran.stdout.decode()

    def test_requests_and_replies_are_translated(self) -> None:
        asked = self.run("request", "--from", "chat", "--to", "toy", body=CHAT)
        made = self.run("response", "--from", "toy", "--to", "images", body=PAINTED)

        assert FOX == json.loads(asked)
        assert PNG == json.loads(made)["data"][0]["b64_json"]

    def test_pictures_are_saved(self, tmp_path: Path) -> None:
        assert "response-1.png\n" == self.run("save", body=PAINTED, cwd=tmp_path)

    def test_it_is_listed(self) -> None:
        assert "toy\tA made-up format" in self.run("formats")

    def test_files_of_lines_are_translated(self, tmp_path: Path) -> None:
        arguments = ("batch", "--from", "chat", "--to", "toy", "-", "-o", "out.jsonl")
        self.run(*arguments, body={"custom_id": "a", "body": CHAT}, cwd=tmp_path)

        line = json.loads((tmp_path / "out.jsonl").read_text())
        assert (toy.PATH, FOX) == (line["url"], line["body"])
