"""What a model wrote, as HTML that can do no harm.

Raw HTML is shown as text, pictures become links (a picture would tell a stranger who reads), and what the renderer made
goes through a sanitiser with a short list of what may stay.
"""

from functools import cache
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Twice the longest reply by default. Markdown made to be slow costs a renderer more than linear time, so longer texts,
# and what comes after so much on one page, are shown as they were written.
MAX_CHARS = 20_000
MAX_CHARS_OF_A_PAGE = 60_000

_BLOCKS = {"blockquote", "br", "hr", "li", "ol", "p", "pre", "ul", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAGS = _BLOCKS | {"a", "code", "em", "s", "del", "strong", "table", "tbody", "td", "th", "thead", "tr"}
_SCHEMES = {"http", "https", "mailto"}


def plain_html(text: str) -> SafeString:
    """The text as it is, with its line breaks."""
    return format_html('<div class="plain">{}</div>', text)


def markdown_html(text: str) -> SafeString:
    """The text as Markdown."""
    import nh3  # with the renderer 30 ms that no other page has to wait for

    clean = nh3.clean(
        _renderer().render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308  # nosec B308, B703  # sanitised right above


@cache
def _renderer() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return renderer.enable(["table", "strikethrough"]).disable("image")
