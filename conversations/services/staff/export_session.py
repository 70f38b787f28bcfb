"""A whole session as a file, piece by piece: only a page of messages is in memory at a time.

What a format looks like is in `export_json` and `export_markdown`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from conversations.domain import Message
from conversations.services.clock import now
from conversations.services.staff.export_json import json_pieces
from conversations.services.staff.export_markdown import markdown_pieces
from conversations.services.staff.exported import Exported
from conversations.services.staff.read_transcript import pending_turn
from conversations.store import messages
from conversations.store.staff.heads import Head

ExportFormat = Literal["json", "markdown"]
_PAGE = 100
_WRITERS: dict[ExportFormat, Callable[[Exported], Iterator[str]]] = {"json": json_pieces, "markdown": markdown_pieces}


@dataclass(slots=True)
class SessionExport:
    """A session as a file; `messages` counts those that are in it so far."""

    head: Head
    export_format: ExportFormat
    messages: int = 0

    def pieces(self) -> Iterator[str]:
        """The file's text. What broke off cannot be taken for whole, whatever was said in it: the formats say how.

        Raises StoreUnavailable, at the first piece already when DynamoDB is away.
        """
        rows = self._rows()
        first = next(rows, None)
        exported = Exported(self.head, pending_turn(self.head), now(), self._counted(first, rows))
        yield from _WRITERS[self.export_format](exported)

    def _counted(self, first: Message | None, others: Iterator[Message]) -> Iterator[Message]:
        if first is None:
            return
        self.messages += 1
        yield first
        for message in others:
            self.messages += 1
            yield message

    def _rows(self) -> Iterator[Message]:
        cursor: str | None = None
        while True:  # ends with the history
            page = messages.page(self.head.session, limit=_PAGE, cursor=cursor, newest_first=False, now=now())
            yield from page.rows
            cursor = page.next_cursor
            if cursor is None:
                return
