"""The benchmark of staff's pages compares what it measured with its goal."""

from benchmarks.staff_asked import Asked
from benchmarks.staff_pages import GOAL_MS, over_goal


def test_pages_over_the_goal_are_named_and_long_files_are_none() -> None:
    quick, slow, file = Asked("quick", "/"), Asked("slow", "/"), Asked("file", "/", rows=10_000)
    assert over_goal([(quick, GOAL_MS), (slow, GOAL_MS + 0.1), (file, GOAL_MS * 2)]) == ["slow"]
    assert over_goal([]) == []
