"""What routes say of their answers."""

import pytest

from hopcount_shared.documented import answer, header, refusals


def test_a_success_names_its_headers_and_leaves_its_content_to_the_function() -> None:
    described = answer(201, "The link.", "ETag", "Location")
    assert set(described) == {201}
    assert set(described[201]["headers"]) == {"ETag", "Location"}
    assert "content" not in described[201]


def test_an_answer_without_a_body_says_so() -> None:
    assert answer(204, "Gone.", content={})[204]["content"] == {}


def test_a_refusal_is_a_problem_and_says_when_to_come_back() -> None:
    described = refusals({409: "Taken.", 429: "Too many."})
    assert set(described[409]["content"]) == {"application/problem+json"}
    assert "headers" not in described[409]
    assert set(described[429]["headers"]) == {"Retry-After"}


def test_an_unknown_header_is_no_header() -> None:
    with pytest.raises(KeyError):
        header("X-Surprise")
