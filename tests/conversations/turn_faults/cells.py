"""The cells that every fault is played in."""

import pytest

from tests.faulty_dynamodb import Kind

# Refused, not carried out without a word, and carried out without a word.
REFUSED: list[Kind] = ["throttle", "request_throttle", "server_error"]
SILENT: list[Kind] = ["hang", "reset"]
LOST: list[Kind] = ["applied_hang", "applied_reset"]

json_and_stream = pytest.mark.parametrize("stream", [False, True], ids=["JSON", "stream"])
first_and_later = pytest.mark.parametrize("earlier", [0, 1], ids=["first turn", "later turn"])
only_stream = pytest.mark.parametrize("stream", [True], ids=["stream"])
