"""What is shown of a model's text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_client.visible import VisibleText, visible_text

HIGH, LOW = "\ud83d", "\ude00"
PIECES = st.lists(
    st.one_of(
        st.sampled_from(["<thinking>", "</thinking>", "<think", "ing>", "</", "<", " ", "\n", HIGH, LOW, "a", "é"]),
        st.text(st.characters(exclude_categories=())),
    )
)


def shown(*pieces: str) -> list[str]:
    visible = VisibleText()
    return [*(visible.feed(piece) for piece in pieces), visible.close()]


@pytest.mark.parametrize(
    ("pieces", "in_pieces"),
    [
        ([], [""]),
        (["Hello ", "world"], ["Hello ", "world", ""]),
        ([" ", "\n", "Hello ", " "], ["", "", " \nHello ", " ", ""]),
        ([" ", "\n"], ["", "", ""]),
        (["<thinking>Hm.</thinking>\n", " "], ["", "", ""]),
        (["a", HIGH, LOW, "b"], ["a", "", "😀", "b", ""]),
        ([HIGH + LOW], ["😀", ""]),
        (["a" + HIGH, "b"], ["a", "?b", ""]),
        (["a" + LOW, "b"], ["a?", "b", ""]),
        (["a" + HIGH], ["a", "?"]),
        ([LOW + HIGH, HIGH, LOW], ["?", "?", "😀", ""]),
        (["1 <", " 2 <think"], ["1 ", "< 2 ", "<think"]),
        (["<thinking>" + HIGH, "</thinking>", "a"], ["", "", "a", ""]),
        (["\ufeffa"], ["\ufeffa", ""]),
    ],
)
def test_shows_what_can_be_shown_as_soon_as_it_can(pieces: list[str], in_pieces: list[str]) -> None:
    assert shown(*pieces) == in_pieces


@given(PIECES)
def test_shows_the_same_wherever_the_text_is_cut(pieces: list[str]) -> None:
    whole = "".join(pieces)

    assert "".join(shown(*pieces)) == "".join(shown(*whole)) == visible_text(whole)


@given(PIECES)
def test_shows_nothing_blank_and_nothing_that_utf_8_cannot_hold(pieces: list[str]) -> None:
    text = visible_text("".join(pieces))

    assert text.encode().decode() == text
    assert text == "" or text.strip()
