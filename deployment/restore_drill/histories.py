"""What must hold for one session, whenever it was restored to: a turn is stored whole or not at all."""

from typing import Any

from deployment.restore_drill.sessions import Item

# What a sampled session may be in the source by now.
STATES = SAME, CHANGED, ERASED = ("same", "changed", "erased")
SUMS = ("InputTokens", "OutputTokens", "CacheReadTokens", "CacheWriteTokens", "CostNanoUsd")


def faults(head: Item, messages: list[Item]) -> list[str]:
    """What is wrong with a session, in words without anything that was said; nothing for a whole one."""
    found = []
    roles = [_text(message, "Role") for message in messages]
    if roles != ["user", "assistant"] * (len(roles) // 2):
        found.append("questions and answers do not alternate")
    if any(
        _text(question, "TurnId") != _text(answer, "TurnId")
        for question, answer in zip(*_halves(messages), strict=False)
    ):
        found.append("a question and its answer are of different turns")
    # With a retention period the first messages expire before the session does.
    if "ExpiresAt" in head:
        return found
    if len(messages) != _number(head, "MessageCount"):
        found.append(f"{len(messages)} messages, and its head counts {_number(head, 'MessageCount')}")
    found += [f"the sum of {name} is not its head's" for name in SUMS if _sum(messages, name) != _number(head, name)]
    return found


def comparison(there: Item | None, restored: Item) -> str:
    """Which of STATES a session is in, by its heads in the source and as restored: the same where no turn has ended."""
    if there is None or "ErasingSince" in there:
        return ERASED
    state = [(_text(item, "CreatedAt"), _number(item, "Version")) for item in (there, restored)]
    return SAME if state[0] == state[1] else CHANGED


def total(items: list[Item], name: str) -> int:
    """The sum of an integer attribute."""
    return _sum(items, name)


def _halves(messages: list[Item]) -> tuple[list[Item], list[Item]]:
    return messages[::2], messages[1::2]


def _sum(items: list[Item], name: str) -> int:
    return sum(_number(item, name) for item in items)


def _text(item: Item, name: str) -> str:
    value: Any = item.get(name, {}).get("S", "")
    return str(value)


def _number(item: Item, name: str) -> int:
    return int(item.get(name, {}).get("N", "0"))
