"""The filter of a model's notes to itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_client.thinking import ThinkingFilter

PIECES = st.lists(st.sampled_from(["<thinking>", "</thinking>", "<think", "ing>", "</", "<", ">", " ", "\n", "a", "é"]))


def without_thinking(*pieces: str) -> str:
    thinking = ThinkingFilter()
    return "".join([thinking.feed(piece) for piece in pieces]) + thinking.close()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("  plain text \n", "  plain text \n"),
        ("<thinking>a</thinking>\n\n  Hello \n", "Hello \n"),
        ("Hello <thinking>a</thinking> world", "Hello world"),
        ("<thinking>a</thinking> <thinking>b</thinking> c", "c"),
        ("<thinking></thinking>x", "x"),
        ("Hello <thinking>and so on", "Hello "),
        ("1 < 2 and a <think", "1 < 2 and a <think"),
        ("a </thinking> b", "a </thinking> b"),
        ("<Thinking>kept</Thinking>", "<Thinking>kept</Thinking>"),
        ("<thinking>a </thinkin </thinking>b", "b"),
        ("<<thinking>a</thinking>b", "<b"),
        ("<thinking>a</thinking> <thin", "<thin"),
    ],
)
def test_hides_thinking_and_keeps_the_rest(text: str, shown: str) -> None:
    assert without_thinking(text) == shown


@given(PIECES)
def test_shows_the_same_wherever_the_text_is_cut(pieces: list[str]) -> None:
    whole = "".join(pieces)

    assert without_thinking(*pieces) == without_thinking(*whole) == without_thinking(whole)


def test_shows_text_as_soon_as_it_cannot_be_a_tag() -> None:
    thinking = ThinkingFilter()

    assert [thinking.feed(piece) for piece in ("Hello <", "b> <think", "ing>secret", "</thinking> ", "end")] == [
        "Hello ",
        "<b> ",
        "",
        "",
        "end",
    ]
