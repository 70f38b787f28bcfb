"""Takes from one caller's rate in a process of its own, many at a time, and prints how often it was allowed."""

import sys
from concurrent.futures import ThreadPoolExecutor

from access.limits.rates import parse_rate
from access.limits.shared import SharedStore

THREADS = 16


def main(url: str, rate: str, requests: int) -> int:
    store, parsed = SharedStore(url), parse_rate(rate)
    sys.stdin.readline()  # so that all processes begin together
    with ThreadPoolExecutor(THREADS) as pool:
        windows = pool.map(
            lambda _: store.ask(lambda: store.windows.take(parsed, "alice"), limit="rate"), range(requests)
        )
        taken = list(windows)
    assert None not in taken, "Redis was away"
    return sum(window.allowed for window in taken if window)


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))  # noqa: T201  # the answer
