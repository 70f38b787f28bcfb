"""What a page looks like to everybody: pictures of it, and what would keep somebody from reading or using it."""

import re
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import FloatRect, Page, ViewportSize

LAPTOP = ViewportSize(width=1366, height=900)
SMALL_LAPTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MAX_PICTURE_PIXELS = 1800  # of height: below that, long pages repeat themselves
PICTURES = Path(__file__).parent.parent.parent / ".artefacts" / "screenshots"
FAULTS = (Path(__file__).parent / "faults_of_looks.js").read_text()


def look_at(page: Page, name: str) -> None:
    """Keeps pictures of the page, and fails for fields without a label, faint text, and what is wider than its place.

    The page may not be wider than its window; a list not than its place on a laptop, the side bar open.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    assert re.fullmatch(r"[a-z0-9-]+", name)
    faults = []
    for (kind, size), scheme in product((("laptop", LAPTOP), ("phone", PHONE)), SCHEMES):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        faults += [f"{kind}, {scheme}: {fault}" for fault in page.evaluate(FAULTS)]
        height = min(page.evaluate("document.documentElement.scrollHeight"), MAX_PICTURE_PIXELS)
        whole = FloatRect(x=0, y=0, width=size["width"], height=height)
        page.screenshot(path=PICTURES / f"{name}-{kind}-{scheme}.png", full_page=True, clip=whole)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SMALL_LAPTOP)
    faults += [f"small laptop: {fault}" for fault in page.evaluate(FAULTS)]
    page.set_viewport_size(LAPTOP)
    assert not faults, "\n".join([name, *faults])
