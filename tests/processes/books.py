"""What must hold of everything that is stored, whatever happened to the servers."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from conversations.store.tables import UsageRow

NANO = Decimal(10) ** 9
PAGE = 100


@dataclass(frozen=True)
class Totals:
    """What answers used, all together."""

    turns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nano_usd: int = 0
    latency_ms: int = 0


def histories(client: httpx.Client, url: str) -> dict[str, dict[str, Any]]:
    """Every session with all its messages, as the service tells it."""
    sessions = _pages(client, f"{url}/sessions", "sessions")
    found = {session["session_id"]: _history(client, url, session["session_id"]) for session in sessions}
    counted = {session["session_id"]: session["message_count"] for session in sessions}
    assert {name: len(history["messages"]) for name, history in found.items()} == counted
    return found


def answered(history: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Question: answer. The history must be whole: questions and answers alternate, and nothing is there twice."""
    messages = history["messages"]
    questions, answers = messages[::2], messages[1::2]
    assert [message["role"] for message in messages] == ["user", "assistant"] * len(questions)
    assert len({message["message_id"] for message in messages}) == len(messages)
    asked = [question["content"] for question in questions]
    assert len(set(asked)) == len(asked), "a message is stored twice"
    return dict(zip(asked, answers, strict=True))


def said(stored: Iterable[dict[str, Any]]) -> Totals:
    """What the answers of histories used."""
    answers = [answer for history in stored for answer in history["messages"][1::2]]
    return Totals(
        turns=len(answers),
        input_tokens=sum(answer["usage"]["input_tokens"] for answer in answers),
        output_tokens=sum(answer["usage"]["output_tokens"] for answer in answers),
        cost_nano_usd=sum(int(Decimal(answer["usage"]["cost_usd"]) * NANO) for answer in answers),
        latency_ms=sum(answer["latency_ms"] for answer in answers),
    )


def booked() -> Totals:
    """What the ledger says of the one owner there is."""
    rows = list(UsageRow.query("anonymous"))
    return Totals(
        turns=sum(int(row.turns or 0) for row in rows),
        input_tokens=sum(int(row.input_tokens or 0) for row in rows),
        output_tokens=sum(int(row.output_tokens or 0) for row in rows),
        cost_nano_usd=sum(int(row.cost_nano_usd or 0) for row in rows),
        latency_ms=sum(int(row.latency_ms or 0) for row in rows),
    )


def failures_booked() -> int:
    """How many turns without an answer the ledger knows."""
    return sum(int(row.errors or 0) for row in UsageRow.query("anonymous"))


def _history(client: httpx.Client, url: str, session_id: str) -> dict[str, Any]:
    address = f"{url}/history/{session_id}"
    head: dict[str, Any] = client.get(address).raise_for_status().json()
    return head | {"messages": _pages(client, address, "messages")}


def _pages(client: httpx.Client, address: str, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"limit": PAGE}
    while True:  # ends with the list, which the test made
        page = client.get(address, params=query).raise_for_status().json()
        rows += page[name]
        if page["next_cursor"] is None:
            return rows
        query["cursor"] = page["next_cursor"]
