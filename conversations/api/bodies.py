"""Values become bodies. Plain dictionaries: a serializer would cost more than the rest of the edge."""

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import Any

from access.budgets.budget import Standing
from bedrock_client import ModelInfo, Prices, Usage
from conversations.domain import Message, Page, PendingTurn, Session, SessionSummary, Spending
from conversations.services.answered import Answered
from conversations.services.read_history import History
from conversations.services.read_usage import UsageReport
from conversations.services.stream_message import Started

Body = dict[str, Any]
_NANO = Decimal("0.000000001")


def chat_body(answered: Answered) -> Body:
    answer = answered.answer
    return {
        "response": answer.content,
        "session_id": answered.session_id,
        "message_id": answer.message_id,
        "model_id": answer.model_id,
        "region": answer.region,
        "stop_reason": answer.stop_reason,
        "usage": _usage(answer.usage or Usage(), answer.cost_nano_usd),
        "latency_ms": answer.latency_ms,
        "created_at": _time(answer.created_at),
    }


def start_body(started: Started) -> Body:
    return {
        "session_id": started.session_id,
        "message_id": started.message_id,
        "model_id": started.model_id,
        "region": started.region,
    }


def history_body(history: History) -> Body:
    session = history.session
    return {
        "session_id": session.session_id,
        "title": session.title,
        "created_at": _time(session.created_at),
        "updated_at": _time(session.updated_at),
        "messages": [_message(message) for message in history.page.rows],
        "pending": _pending(history.pending) if history.pending else None,
        "next_cursor": history.page.next_cursor,
    }


def session_body(session: Session) -> Body:
    state = session.pending.state if session.pending else "idle"
    return _session(session, state=state)


def session_list_body(page: Page[SessionSummary]) -> Body:
    return {
        "sessions": [_session(summary, state=summary.state) for summary in page.rows],
        "next_cursor": page.next_cursor,
    }


@lru_cache(maxsize=1)  # asked for by every page that opens, and the same for an hour
def model_list_body(models: tuple[ModelInfo, ...]) -> Body:
    return {"models": [_model(model) for model in models]}


def usage_body(report: UsageReport) -> Body:
    return {
        "from": report.first.isoformat(),
        "to": report.last.isoformat(),
        "days": [
            {"date": day.isoformat(), "model_id": model_id, **_spending(spending)}
            for (day, model_id), spending in report.days.items()
        ],
        "totals": _spending(report.totals),
        "budget": _budget(report.standing, report.resets_at) if report.standing and report.resets_at else None,
    }


def usd(nano_usd: int) -> str:
    """Nano-dollars as US dollars, exactly."""
    return f"{nano_usd * _NANO:.9f}"


def _spending(spending: Spending) -> Body:
    return {
        "turns": spending.turns,
        "errors": spending.errors,
        **_usage(spending.usage, spending.cost_nano_usd),
    }


def _budget(standing: Standing, resets_at: dt.datetime) -> Body:
    return {
        "limit_usd": usd(standing.limit_nano_usd),
        "spent_usd": usd(standing.spent_nano_usd),
        "reserved_usd": usd(standing.reserved_nano_usd),
        "remaining_usd": usd(standing.remaining_nano_usd),
        "resets_at": _time(resets_at),
    }


def _session(session: Session | SessionSummary, *, state: str) -> Body:
    return {
        "session_id": session.session_id,
        "title": session.title,
        "created_at": _time(session.created_at),
        "updated_at": _time(session.updated_at),
        "message_count": session.message_count,
        "state": state,
    }


def _message(message: Message) -> Body:
    is_answer = message.usage is not None
    return {
        "message_id": message.message_id,
        "role": message.role,
        "content": message.content,
        "created_at": _time(message.created_at),
        "model_id": message.model_id if is_answer else None,
        "region": message.region if is_answer else None,
        "stop_reason": message.stop_reason if is_answer else None,
        "usage": _usage(message.usage, message.cost_nano_usd) if message.usage is not None else None,
        "latency_ms": message.latency_ms if is_answer else None,
    }


def _pending(pending: PendingTurn) -> Body:
    return {
        "message": pending.message,
        "model_id": pending.model_id,
        "created_at": _time(pending.started_at),
        "state": pending.state,
        "error_code": pending.error_code or None,
        "partial_response": pending.partial or None,
    }


def _usage(usage: Usage, cost_nano_usd: int) -> Body:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "cost_usd": usd(cost_nano_usd),
    }


def _model(model: ModelInfo) -> Body:
    return {
        "id": model.model_id,
        "name": model.name,
        "provider": model.provider,
        "input_modalities": list(model.input_modalities),
        "output_modalities": list(model.output_modalities),
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "prices": _prices(model.prices) if model.prices else None,
        "lifecycle": {
            "status": model.lifecycle,
            "end_of_life": model.end_of_life.isoformat() if model.end_of_life else None,
        },
        "streaming": model.streaming,
        "default": model.default,
    }


def _prices(prices: Prices) -> Body:
    return {
        "input": f"{prices.input:.6f}",
        "output": f"{prices.output:.6f}",
        "cache_read": f"{prices.cache_read:.6f}",
        "cache_write": f"{prices.cache_write:.6f}",
    }


def _time(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
