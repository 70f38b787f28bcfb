"""Fields take the JSON type they name, keep it exactly, and say why they refuse."""

from typing import Any

import pytest
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import Field

from conversations.api.fields import MAX_TEXT_BYTES, NumberField, QueryNumberField, TextField, WholeNumberField


def complaint(field: Field[Any, Any, Any, Any], value: object) -> str:
    """The code of the one error that this value gets."""
    with pytest.raises(ValidationError) as refused:
        field.run_validation(value)
    [error] = refused.value.detail
    assert isinstance(error, ErrorDetail)
    return str(error.code)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Hello", id="plain"),
        pytest.param("  spaces kept \n", id="spaces"),
        pytest.param("\u05e9\u05dc\u05d5\u05dd \u200f\u202emixed", id="right to left"),
        pytest.param("\U0001f469\u200d\U0001f469\u200d\U0001f467 e\u0301", id="joined emoji and combining accent"),
        pytest.param("\u200b.", id="zero width"),
        pytest.param("a" * MAX_TEXT_BYTES, id="longest"),
        pytest.param("\U0001f642" * (MAX_TEXT_BYTES // 4), id="longest in emoji"),
    ],
)
def test_keeps_text_exactly(text: str) -> None:
    assert TextField().run_validation(text) == text


@pytest.mark.parametrize("value", [12, 0.5, True, ["a"], {"a": "b"}])
def test_refuses_text_of_another_type(value: object) -> None:
    assert complaint(TextField(), value) == "invalid"


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0\u2003"])
def test_refuses_blank_text(text: str) -> None:
    assert complaint(TextField(), text) == "blank"


def test_refuses_null_as_text() -> None:
    assert complaint(TextField(), None) == "null"


@pytest.mark.parametrize(
    "text", ["a" * (MAX_TEXT_BYTES + 1), "🙂" * (MAX_TEXT_BYTES // 4) + "a"], ids=["letters", "emoji"]
)
def test_refuses_text_with_too_many_bytes(text: str) -> None:
    assert complaint(TextField(), text) == "max_bytes"


def test_counts_characters_where_the_limit_is_one_of_characters() -> None:
    field = TextField(max_length=3)

    assert field.run_validation("🙂🙂🙂") == "🙂🙂🙂"
    assert complaint(field, "abcd") == "max_length"


def test_refuses_a_lone_surrogate() -> None:
    assert complaint(TextField(), "half \ud83d") == "surrogate_characters_not_allowed"


@pytest.mark.parametrize(("value", "number"), [(1, 1), (100, 100), (5.0, 5)])
def test_takes_whole_numbers(value: float, number: int) -> None:
    taken = WholeNumberField(min_value=1, max_value=100).run_validation(value)

    assert (taken, type(taken)) == (number, int)


@pytest.mark.parametrize("value", ["5", True, False, 5.5, float("inf"), [5], {}])
def test_refuses_what_is_no_whole_number(value: object) -> None:
    assert complaint(WholeNumberField(min_value=1, max_value=100), value) == "invalid"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, "min_value"),
        pytest.param(-(10**400), "min_value", id="far below"),
        (101, "max_value"),
        pytest.param(10**400, "max_value", id="far above"),
    ],
)
def test_refuses_a_whole_number_out_of_range(value: int, code: str) -> None:
    assert complaint(WholeNumberField(min_value=1, max_value=100), value) == code


@pytest.mark.parametrize(("value", "number"), [(0, 0.0), (1, 1.0), (0.7, 0.7)])
def test_takes_numbers(value: float, number: float) -> None:
    taken = NumberField(min_value=0, max_value=1).run_validation(value)

    assert (taken, type(taken)) == (number, float)


@pytest.mark.parametrize("value", ["0.5", True, False, [0.5], {}])
def test_refuses_what_is_no_number(value: object) -> None:
    assert complaint(NumberField(min_value=0, max_value=1), value) == "invalid"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-0.1, "min_value"),
        pytest.param(-(10**400), "min_value", id="far below"),
        (1.1, "max_value"),
        pytest.param(10**400, "max_value", id="far above"),
        (float("inf"), "max_value"),
    ],
)
def test_refuses_a_number_out_of_range(value: float, code: str) -> None:
    assert complaint(NumberField(min_value=0, max_value=1), value) == code


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("050", 50), ("100", 100)])
def test_takes_digits_of_a_query(text: str, number: int) -> None:
    assert QueryNumberField(min_value=1, max_value=100).run_validation(text) == number


@pytest.mark.parametrize(
    "text", ["", "ten", "1.0", "1e1", " 1", "1_0", "+1", "٣", "1\n", pytest.param("9" * 5_000, id="very long")]
)
def test_refuses_a_query_that_is_not_in_plain_digits(text: str) -> None:
    assert complaint(QueryNumberField(min_value=1, max_value=100), text) == "invalid"


@pytest.mark.parametrize(("text", "code"), [("0", "min_value"), ("-1", "min_value"), ("101", "max_value")])
def test_refuses_a_query_number_out_of_range(text: str, code: str) -> None:
    assert complaint(QueryNumberField(min_value=1, max_value=100), text) == code
