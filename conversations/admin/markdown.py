"""What a model wrote, as HTML that can do no harm.

Raw HTML is shown as text, pictures become links (a picture would tell a stranger who reads), and what the renderer made
goes through a sanitiser with a short list of what may stay.

Markdown can be made to be slow, or to swell: a table's short rows are filled up with empty cells, and one definition of
a link may be used a thousand times. So a page renders until it has done so much, and a text that would take more is
shown as it was written.
"""

from functools import cache
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

# Of a text: twice the longest reply by default; lists and quotes in one another (a list is two); and what its
# definitions of links may become, in characters.
MAX_CHARS = 20_000
MAX_DEPTH = 20
MAX_CHARS_OF_DEFINED_LINKS = 50_000
# Of a page: characters that mean something in Markdown, where a line counts as four, and pieces that the renderer takes
# the texts apart into (a cell of a table is three). 60,000 characters of prose and code have a third of that, of
# nothing but tables a little more. The slowest texts that were found take 0.3 s of CPU within these limits.
MAX_CHARS_OF_A_PAGE = 60_000
MAX_MARKS_OF_A_PAGE = 20_000
MAX_PIECES_OF_A_PAGE = 30_000

_MARKS = "[]*_~`<&|!\\"
_LINE_IN_MARKS = 4
_BLOCKS = {"blockquote", "br", "hr", "li", "ol", "p", "pre", "ul", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAGS = _BLOCKS | {"a", "code", "em", "s", "del", "strong", "table", "tbody", "td", "th", "thead", "tr"}
_SCHEMES = {"http", "https", "mailto"}


class _TooMuch(Exception):
    """A text would take more work, or become more, than there is room for."""


class _Pieces(list["Token"]):
    """What the renderer takes a text apart into, so many at most and so deep at most."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def append(self, piece: "Token") -> None:
        if len(self) >= self._most or piece.level >= MAX_DEPTH:
            raise _TooMuch
        super().append(piece)


class Page:
    """The answers of one page, rendered one after the other while there is room."""

    def __init__(self) -> None:
        self._chars = MAX_CHARS_OF_A_PAGE
        self._marks = MAX_MARKS_OF_A_PAGE
        self._pieces = MAX_PIECES_OF_A_PAGE

    def html(self, text: str) -> SafeString | None:
        """The text as Markdown; None where it would be too much, and is to be shown as it was written."""
        chars, marks = len(text), _marks_of(text)
        if chars > min(self._chars, MAX_CHARS) or marks > self._marks:
            return None
        self._chars -= chars
        self._marks -= marks
        pieces = _Pieces(self._pieces)
        try:
            return _markdown_html(text, pieces)
        except _TooMuch:
            return None
        finally:
            self._pieces -= len(pieces)


def plain_html(text: str) -> SafeString:
    """The text as it is, with its line breaks."""
    return format_html('<div class="plain">{}</div>', text)


def _marks_of(text: str) -> int:
    return sum(map(text.count, _MARKS)) + text.count("\n") * _LINE_IN_MARKS


def _markdown_html(text: str, pieces: _Pieces) -> SafeString:
    import nh3  # with the renderer 30 ms that no other page has to wait for

    clean = nh3.clean(
        _renderer().render(text, {"pieces": pieces}),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308  # nosec B308, B703  # sanitised right above


@cache
def _renderer() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # At its own limit the renderer leaves out what is deeper; ours, which refuses the text, is reached before.
    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": MAX_DEPTH + 1})
    renderer.core.ruler.before("block", "count_pieces", _count_pieces)
    renderer.core.ruler.after("block", "measure_links", _measure_links)
    return renderer.enable(["table", "strikethrough"]).disable("image")


def _count_pieces(state: "StateCore") -> None:
    state.tokens = state.env["pieces"]


def _measure_links(state: "StateCore") -> None:
    """Before links are made of definitions: the longest one, as often as it may be used."""
    defined = state.env.get("references", {}).values()
    longest = max((len(each["href"]) + len(each["title"]) for each in defined), default=0)
    if longest * state.src.count("]") > MAX_CHARS_OF_DEFINED_LINKS:
        raise _TooMuch
