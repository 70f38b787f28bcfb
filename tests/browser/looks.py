"""What a page looks like to everybody: pictures of it, and what would keep somebody from reading or using it."""

import re
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import FloatRect, Locator, Page, ViewportSize

LAPTOP = ViewportSize(width=1366, height=900)
SMALL_LAPTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MAX_PICTURE_PIXELS = 1800  # of height: below that, long pages repeat themselves
PICTURES = Path(__file__).parent.parent.parent / ".artefacts" / "screenshots"
FAULTS = (Path(__file__).parent / "faults_of_looks.js").read_text()


def look_at(page: Page, name: str, *, part: Locator | None = None) -> None:
    """Keeps pictures of the page, and fails for fields without a label, faint text, and what is wider than its place.

    The page may not be wider than its window; a list not than its place on a laptop, the side bar open. Pictures may be
    of one `part` alone: a long page is not seen whole on one.
    """
    page.wait_for_load_state()
    PICTURES.mkdir(parents=True, exist_ok=True)
    assert re.fullmatch(r"[a-z0-9-]+", name)
    faults = []
    for (kind, size), scheme in product((("laptop", LAPTOP), ("phone", PHONE)), SCHEMES):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        faults += [f"{kind}, {scheme}: {fault}" for fault in page.evaluate(FAULTS)]
        _keep(page, part, PICTURES / f"{name}-{kind}-{scheme}.png", width=size["width"])
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SMALL_LAPTOP)
    faults += [f"small laptop: {fault}" for fault in page.evaluate(FAULTS)]
    page.set_viewport_size(LAPTOP)
    assert not faults, "\n".join([name, *faults])


def _keep(page: Page, part: Locator | None, path: Path, *, width: int) -> None:
    if part:
        part.screenshot(path=path)
        return
    height = min(page.evaluate("document.documentElement.scrollHeight"), MAX_PICTURE_PIXELS)
    page.screenshot(path=path, full_page=True, clip=FloatRect(x=0, y=0, width=width, height=height))
