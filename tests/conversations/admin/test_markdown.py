"""Markdown of answers: what hostile texts may cost, what may become of them, and that nothing said is lost."""

import os
import re
import resource
import subprocess
import sys
from html import unescape

import pytest
from django.conf import settings

from conversations.admin.markdown import MAX_CHARS, MAX_DEPTH, Page
from tests.conversations.admin import hostile_markdown

# Several times what all of it takes; without limits one page alone takes half of that.
CPU_SECONDS = 30
RENDERS_HOSTILE_PAGES = """
import django

django.setup()

from conversations.admin.markdown import Page
from tests.conversations.admin.hostile_markdown import TEXTS, a_page

for text in TEXTS:
    print(repr(text[:40]), flush=True)
    page = Page()
    for each in a_page(text):
        page.html(each)
"""
MOST_CHARS_OF_A_PAGE = 1_000_000
MANY = [f"word{number}" for number in range(MAX_DEPTH)]


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def words(html: str) -> list[str]:
    return re.findall(r"\w+", unescape(re.sub("<[^>]+>", " ", html)))


def test_pages_that_are_made_to_be_slow_are_rendered_in_time() -> None:
    command = [sys.executable, "-c", RENDERS_HOSTILE_PAGES]
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        command, preexec_fn=_limit, env=variables, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-60:]} {done.stderr}"


@pytest.mark.parametrize(
    "text",
    [
        "|a" * 256 + "|\n" + "|-" * 256 + "|\n" + "a\n" * 256,
        "[a]: " + "b" * 10_000 + "\n\n" + "[a]" * 3_000,
        "[a]: b '" + "c" * 10_000 + "'\n\n" + "[a]" * 3_000,
    ],
    ids=["empty cells of a table", "one address in many links", "one title in many links"],
)
def test_a_text_that_would_swell_is_shown_as_it_was_written(text: str) -> None:
    assert Page().html(text) is None


def test_many_small_texts_do_not_swell_together() -> None:
    text = "|a" * 20 + "|\n" + "|-" * 20 + "|\n" + "a\n" * 200
    page = Page()
    rendered = [page.html(text) for _ in range(hostile_markdown.MESSAGES_OF_A_PAGE)]
    assert rendered[0]
    assert rendered[-1] is None
    assert len("".join(html or "" for html in rendered)) < MOST_CHARS_OF_A_PAGE


def test_lists_of_nine_levels_are_rendered_whole() -> None:
    html = Page().html("".join(f"{'  ' * depth}- {word}\n" for depth, word in enumerate(MANY[:9])))
    assert html is not None
    assert words(html) == MANY[:9]


@pytest.mark.parametrize("levels", [10, 11, 20])
def test_what_is_nested_too_deep_is_not_left_out(levels: int) -> None:
    html = Page().html("".join(f"{'  ' * depth}- {word}\n" for depth, word in enumerate(MANY[:levels])))
    assert html is None or words(html) == MANY[:levels]


def test_quotes_that_are_nested_too_deep_are_shown_as_they_were_written() -> None:
    assert Page().html(">" * MAX_DEPTH + "quoted") is None


def test_a_page_goes_on_after_a_text_that_was_too_much() -> None:
    page = Page()
    assert page.html(">" * MAX_DEPTH + "quoted") is None
    assert page.html("**bold**") == "<p><strong>bold</strong></p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "**Bold** [link](https://example.com/a) `code` and so on.\n\n",
        "    return [parsed(each) for each in lines if each]\n",
    ],
)
def test_ordinary_answers_fill_a_page_to_its_last_character(text: str) -> None:
    page = Page()
    whole = text * (MAX_CHARS // len(text))
    assert all(page.html(whole) for _ in range(3))
    assert page.html(whole) is None
