"""The upstream of the benchmark, in its own process."""

from collections.abc import Iterator

import pytest

from benchmarks.children import Child


@pytest.fixture(scope="module")
def upstream_port() -> Iterator[int]:
    with Child("benchmarks.upstream") as upstream:
        yield int(upstream.read())
