"""Bar charts as SVG inside a page, drawn by pygal.

The pages' policy allows no style and no script inside a page, so pygal's own are taken out; the look is usage.css's. A
bar tells its value in its <title>, which browsers show as a tooltip. pygal is imported where a chart is drawn: no other
page needs it.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

WIDTH, HEIGHT = 420, 200
_ROW_HEIGHT = 26
FONT_PIXELS = 12  # as in usage.css: margins are computed with it
_MOST_LABELS = 6
_LABEL_CHARS = 20
_ROUNDED = {"x", "y", "width", "height"}
_DRAWN = {*_ROUNDED, "class", "d", "transform"}
_CLASSES = {"axis", "x", "y", "line", "guide", "serie-0", "serie-1", "serie-2"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A value of a series, and what its tooltip says. None is no bar."""

    value: int | None
    tooltip: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a chart shows: a name for each place, and series of bars, one bar for each place.

    `label` is read aloud in the picture's place. `tick` is how a value of the axis is written.
    """

    label: str
    places: Sequence[str]
    series: Sequence[Sequence[Bar]]
    tick: Callable[[float], str]


def columns(drawing: Drawing) -> SafeString:
    """Standing bars, series on top of each other; of many places only some are named."""
    chart = _chart("StackedBar", drawing, height=HEIGHT)
    chart.x_labels_major = list(drawing.places[:: -(-len(drawing.places) // _MOST_LABELS)])
    chart.x_labels = list(drawing.places)
    return _drawn(chart, drawing)


def rows(drawing: Drawing) -> SafeString:
    """Lying bars, the first place on top, series one behind the other; long names are cut in the middle."""
    chart = _chart("HorizontalStackedBar", drawing, height=40 + _ROW_HEIGHT * len(drawing.places))
    chart.x_labels = [_cut(name) for name in reversed(drawing.places)]
    return _drawn(chart, drawing, is_reversed=True)


def _chart(kind: Literal["StackedBar", "HorizontalStackedBar"], drawing: Drawing, *, height: int) -> Any:  # noqa: ANN401  # the library has no types
    pygal = _pygal()
    return getattr(pygal, kind)(
        width=WIDTH,
        height=height,
        css=[],
        js=[],
        style=pygal.style.Style(label_font_size=FONT_PIXELS, major_label_font_size=FONT_PIXELS),
        margin=4,
        spacing=8,
        show_legend=False,
        show_minor_x_labels=kind == "HorizontalStackedBar",
        truncate_label=-1,
        min_scale=3,
        max_scale=6,
        order_min=0,
        value_formatter=drawing.tick,
    )


@cache
def _pygal() -> Any:  # noqa: ANN401  # as above
    """The library, without the finder that it puts among Python's: of a kind that Python has given up, for maps."""
    import pygal  # type: ignore[import-untyped]  # the library has no types

    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]
    return pygal


def _drawn(chart: Any, drawing: Drawing, *, is_reversed: bool = False) -> SafeString:  # noqa: ANN401  # as above
    for bars in drawing.series:
        values = [{"value": bar.value, "tooltip": bar.tooltip} if bar.value else None for bar in bars]
        chart.add("", values[::-1] if is_reversed else values)
    tree = chart.render_tree()
    box = tree.get("viewBox")
    _clean(tree)
    tree.attrib = {"class": "chart", "viewBox": box, "role": "img", "aria-label": drawing.label}
    return _markup(tree)


def _clean(node: "Element") -> None:
    """Leaves what is drawn: no styles, scripts, ids, comments, nor what pygal's own script would read."""
    cleaned = {name: _cleaned(name, value) for name, value in node.attrib.items() if name in _DRAWN}
    is_bar = node.get("class") == "bar"
    node.attrib = {name: value for name, value in cleaned.items() if value}
    for child in list(node):
        if _is_drawn(child) and (is_bar or child.tag != "title"):
            _clean(child)
        else:
            node.remove(child)


def _is_drawn(node: "Element") -> bool:
    kinds = set(node.get("class", "").split())
    is_shape = isinstance(node.tag, str) and node.tag in {"g", "rect", "path", "text", "title"}
    is_no_bar = "bar" in kinds and node.find("title") is None  # of a place without a value
    return is_shape and not is_no_bar and not {"background", "tooltip-overlay"} & kinds


def _cleaned(name: str, value: str) -> str:
    if name in _ROUNDED:
        return f"{float(value):.1f}"
    return " ".join(each for each in value.split() if each in _CLASSES) if name == "class" else value


def _cut(name: str) -> str:
    """Names differ at their ends: paths of an issuer and a user, say."""
    half = _LABEL_CHARS // 2
    return name if len(name) <= _LABEL_CHARS else f"{name[: half - 1]}…{name[-half:]}"


def _markup(tree: "Element") -> SafeString:
    from xml.etree import ElementTree as ET

    # Made of elements, so every text in it is escaped; what is left of them is listed above.
    return mark_safe(ET.tostring(tree, encoding="unicode"))  # noqa: S308  # nosec B308, B703
