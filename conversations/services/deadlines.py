"""How a turn's time is shared."""

from core.deadline import Deadline

# Kept back for the commit, so that an answer which is there, and paid for, can still be stored in time.
COMMIT_SECONDS = 2.0
_MOST_OF_IT = 0.9


def model_deadline(deadline: Deadline) -> Deadline:
    """The deadline of the model call in a turn with this deadline."""
    remaining = deadline.remaining()
    return Deadline.after(max(remaining - COMMIT_SECONDS, remaining * _MOST_OF_IT))
