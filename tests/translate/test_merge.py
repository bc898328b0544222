from __future__ import annotations

import pytest

from imagewire.loss import CONTENT, METADATA, Loss, LossKind
from imagewire.model import (
    Block,
    Candidate,
    Extra,
    Failure,
    FailureKind,
    Image,
    ImageResponse,
    ModalityCount,
    Part,
    Usage,
)
from imagewire.translate.merge import Merged, merge_responses, worst


def picture(data: str) -> Part:
    return Part(image=Image(data=data, media_type="image/png"))


def answer(*parts: Part, finish: str = "STOP", **fields: object) -> ImageResponse:
    return ImageResponse(candidates=(Candidate(parts=parts, finish=finish),), **fields)  # type: ignore[arg-type]


def failure(message: str, *, retryable: bool = False, retry_after: float | None = None) -> Failure:
    return Failure(
        kind=FailureKind.INTERNAL,
        message=message,
        status=500,
        retryable=retryable,
        retry_after=retry_after,
    )


def merged(*results: ImageResponse | Failure) -> tuple[ImageResponse, list[Loss]]:
    found: list[Loss] = []
    result = merge_responses(results, found.append).result
    assert isinstance(result, ImageResponse)
    return result, found


def unexpected(loss: Loss) -> None:
    pytest.fail(str(loss))


class TestOne:
    @pytest.mark.parametrize(
        "result", [answer(picture("AAAA")), failure("no")], ids=["response", "failure"]
    )
    def test_a_single_result_is_returned_as_it_is(self, result: ImageResponse | Failure) -> None:
        """One reply gives what ``translate_response`` gives."""

        assert result == merge_responses([result], unexpected).result


class TestMany:
    def test_replies_of_one_candidate_become_one(self) -> None:
        """Parts in call order, and nothing is lost."""
        a, b, c = picture("AAAA"), Part(text="two"), picture("BBBB")
        result, losses = merged(answer(a), answer(b, c))

        assert ((Candidate(parts=(a, b, c)),), []) == (result.candidates, losses)

    def test_replies_of_several_candidates_stand_side_by_side(self) -> None:
        """In call order."""
        several = ImageResponse(
            candidates=(Candidate(parts=(picture("AAAA"),)), Candidate(parts=(picture("BBBB"),)))
        )
        result, _ = merged(several, answer(picture("CCCC")))

        assert ["AAAA", "BBBB", "CCCC"] == [
            part.image.data for found in result.candidates for part in found.parts if part.image
        ]

    def test_id_and_created_are_those_of_the_first_success(self) -> None:
        """A call that failed has none."""
        result, _ = merged(
            failure("no"),
            answer(picture("AAAA"), id="first", created=1),
            answer(picture("BBBB"), id="second", created=2),
        )

        assert ("first", 1) == (result.id, result.created)

    def test_only_drafts_of_one_call_are_its_image(self) -> None:
        """The last draft of a call that made nothing else, APPROXIMATED; another's do not count."""
        draft = Part(image=Image(data="BBBB", media_type="image/png"), thought=True)
        result, losses = merged(answer(picture("AAAA")), answer(draft))

        assert (picture("AAAA"), picture("BBBB")) == result.candidates[0].parts
        assert [(LossKind.APPROXIMATED, "$[1].candidates[0].parts[0]")] == [
            (loss.kind, loss.path) for loss in losses
        ]

    def test_what_a_later_reply_says_otherwise_is_reported(self) -> None:
        """Carried or reported: never neither."""
        extra = Extra(format="gemini", path=("newField",), value=1)
        later = ImageResponse(
            candidates=(Candidate(parts=(picture("BBBB"),), finish="MAX_TOKENS", extras=(extra,)),),
            extras=(extra,),
        )
        result, losses = merged(answer(picture("AAAA")), later)

        assert "STOP" == result.candidates[0].finish
        assert [METADATA] * 3 == [loss.level for loss in losses]
        assert "MAX_TOKENS" in losses[-1].detail

    def test_what_later_replies_of_several_candidates_say_is_reported(self) -> None:
        """Their candidates keep their own extras, so only the reply's are left out."""
        extra = Extra(format="gemini", path=("newField",), value=1)
        candidate = Candidate(parts=(picture("BBBB"),), extras=(extra,))
        later = ImageResponse(candidates=(candidate, candidate), extras=(extra,))
        result, losses = merged(answer(picture("AAAA")), later)

        assert (candidate, candidate) == result.candidates[1:]
        assert [("$[1]", "newField")] == [(loss.path[:4], loss.path[-8:]) for loss in losses]


class TestOrigin:
    JOINED = merge_responses(
        [failure("no"), answer(picture("AAAA"), picture("BBBB")), answer(picture("CCCC"))],
        lambda _: None,
    )
    APART = merge_responses(
        [
            answer(picture("AAAA")),
            ImageResponse(
                candidates=(
                    Candidate(parts=(picture("BBBB"),)),
                    Candidate(parts=(picture("CCCC"),)),
                )
            ),
        ],
        lambda _: None,
    )

    @pytest.mark.parametrize(
        ("made", "path", "expected"),
        [
            pytest.param(
                JOINED,
                "$.candidates[0].parts[2].image",
                (2, "$.candidates[0].parts[0].image"),
                id="a-part-of-a-later-call",
            ),
            pytest.param(
                JOINED,
                "$.candidates[0].parts[1]",
                (1, "$.candidates[0].parts[1]"),
                id="a-part-of-the-first-success",
            ),
            pytest.param(
                JOINED, "$.candidates[0].finish", (1, "$.candidates[0].finish"), id="a-field"
            ),
            pytest.param(JOINED, "$.usage", (1, "$.usage"), id="the-whole"),
            pytest.param(
                JOINED, "$[2].candidates[0]", (2, "$.candidates[0]"), id="a-note-of-the-merge"
            ),
            pytest.param(
                APART,
                "$.candidates[2].parts[0]",
                (1, "$.candidates[1].parts[0]"),
                id="a-candidate-of-its-own",
            ),
        ],
    )
    def test_a_path_leads_into_the_reply_it_came_from(
        self, made: Merged, path: str, expected: tuple[int, str]
    ) -> None:
        """``path`` is in the source document: the call, and the path in its reply."""

        assert expected == made.origin(path)


class TestUsage:
    def test_counts_are_summed_field_by_field(self) -> None:
        """Details too, by modality."""

        def usage(number: int, modality: str) -> Usage:
            details = (ModalityCount(modality=modality, tokens=number),)
            return Usage(
                prompt=number,
                tool_use=number,
                cached=number,
                candidates=number,
                thoughts=number,
                total=number,
                prompt_details=details,
                cached_details=details,
                tool_use_details=details,
                candidates_details=(*details, ModalityCount(modality="IMAGE", tokens=1)),
            )

        result, _ = merged(
            answer(picture("AAAA"), usage=usage(1, "TEXT")),
            answer(picture("BBBB"), usage=usage(2, "TEXT")),
            answer(picture("CCCC")),
            answer(picture("DDDD"), usage=usage(4, "IMAGE")),
        )
        text, image = (
            ModalityCount(modality="TEXT", tokens=3),
            ModalityCount(modality="IMAGE", tokens=4),
        )
        expected = Usage(
            prompt=7,
            tool_use=7,
            cached=7,
            candidates=7,
            thoughts=7,
            total=7,
            prompt_details=(text, image),
            cached_details=(text, image),
            tool_use_details=(text, image),
            candidates_details=(text, ModalityCount(modality="IMAGE", tokens=7)),
        )

        assert expected == result.usage

    def test_absent_usage_stays_absent(self) -> None:
        """No guessed token counts."""
        result, _ = merged(answer(picture("AAAA")), answer(picture("BBBB")))

        assert result.usage is None

    def test_a_refused_call_was_billed_too(self) -> None:
        """Its thoughts count."""
        result, _ = merged(
            answer(picture("AAAA"), usage=Usage(total=5)),
            answer(finish="IMAGE_SAFETY", usage=Usage(total=2)),
        )

        assert result.usage is not None
        assert 7 == result.usage.total


class TestPartialFailure:
    @pytest.mark.parametrize(
        ("other", "words"),
        [
            pytest.param(failure("too busy"), "too busy", id="failed"),
            pytest.param(answer(finish="IMAGE_SAFETY"), "IMAGE_SAFETY", id="refused"),
            pytest.param(
                ImageResponse(
                    candidates=(Candidate(finish="IMAGE_SAFETY", finish_message="no nudes"),)
                ),
                "no nudes",
                id="refused-in-words",
            ),
            pytest.param(
                ImageResponse(block=Block(reason="PROHIBITED_CONTENT")),
                "PROHIBITED_CONTENT",
                id="blocked",
            ),
            pytest.param(
                ImageResponse(block=Block(reason="SAFETY", message="not this")),
                "not this",
                id="blocked-in-words",
            ),
        ],
    )
    def test_pictures_are_kept_and_the_rest_is_reported(
        self, other: ImageResponse | Failure, words: str
    ) -> None:
        """Keep the images, report the blocked ones and the failed calls."""
        result, losses = merged(other, answer(picture("AAAA")))

        assert (Candidate(parts=(picture("AAAA"),)),) == result.candidates
        assert [(LossKind.DROPPED, CONTENT, "$[0]")] == [
            (loss.kind, loss.level, loss.path) for loss in losses
        ]
        assert words in losses[0].detail

    def test_without_any_picture_the_first_answer_speaks(self) -> None:
        """A refusal of the model says more than a failed call."""
        refusal = answer(finish="IMAGE_SAFETY")
        result, losses = merged(failure("no"), refusal)

        assert (refusal, ["$[0]"]) == (result, [loss.path for loss in losses])


class TestAllFailed:
    @pytest.mark.parametrize(
        ("failures", "expected"),
        [
            pytest.param([failure("a"), failure("b")], failure("a"), id="the-first"),
            pytest.param(
                [failure("a"), failure("b", retryable=True)],
                failure("b", retryable=True),
                id="retryable-before-permanent",
            ),
            pytest.param(
                [
                    failure("a", retry_after=60.0),
                    failure("b", retryable=True, retry_after=5.0),
                    failure("c", retryable=True),
                ],
                failure("b", retryable=True, retry_after=60.0),
                id="the-longest-delay-of-any",
            ),
        ],
    )
    def test_the_result_is_one_failure(self, failures: list[Failure], expected: Failure) -> None:
        """Retryable first, then the first, with the longest ``retry_after``."""

        assert expected == merge_responses(failures, unexpected).result == worst(failures)
