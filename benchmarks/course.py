"""When a window opens, and when it closes."""

from collections.abc import Iterator

from benchmarks.cases import Case
from benchmarks.window import Window

# A window in which there is not enough stays open for another stretch, for so long at most.
_LONGEST_SECONDS = 10
# How often it is looked whether every caller had an answer, and for how long at most: a minute.
_LOOK_SECONDS = 0.1
_MOST_LOOKS = 600


def stretches(seconds: float) -> range:
    """How often a window of this length may be lengthened by as much."""
    return range(max(1, round(_LONGEST_SECONDS / seconds)))


def course(case: Case, window: Window) -> Iterator[float]:
    """Opens the window and closes it; yields for how many seconds nothing is to be done.

    It opens when every caller has had an answer, and ends only when what was under way at the window's end has ended
    too: so all callers are at work all the time, and no chat of the window is quicker because others were over.
    """
    yield case.ramp_seconds
    yield from _until_answered(case.callers, window)
    window.open(unready=window.silent(case.callers))
    for _ in stretches(case.seconds):
        yield case.seconds
        if window.has_enough or len(window.failed) == case.callers:
            break
    window.close()
    yield from _until_answered(case.callers, window)


def _until_answered(callers: int, window: Window) -> Iterator[float]:
    for _ in range(_MOST_LOOKS):
        if not window.silent(callers):
            return
        yield _LOOK_SECONDS
