"""Searching what was said: all of some words, in the newest messages of a day's or an owner's sessions."""

import datetime as dt
from dataclasses import dataclass, replace

from conversations.services.clock import now
from conversations.services.staff.find_sessions import Found, SessionQuery, find_sessions
from conversations.store.staff import message_texts
from conversations.store.staff.records import SessionRecord

# One request reads so much and no more; the next one goes on where it stopped.
SESSIONS_AT_ONCE = 25
MESSAGES_OF_A_SESSION = 100
_CHARS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Searched:
    """The sessions found, and what was looked at for them: `partly` counts sessions with more messages than read."""

    found: Found
    sessions: int
    messages: int
    partly: int
    newest: dt.datetime | None
    oldest: dt.datetime | None


def search_words(query: SessionQuery, words: str, *, older_than: str | None = None) -> Searched:
    """Sessions whose title and messages hold every one of the words, whatever their case.

    `found.older` goes on with the sessions not looked at yet. Raises InvalidCursor, StoreUnavailable.
    """
    wanted = words.casefold().split()
    page = find_sessions(query, limit=SESSIONS_AT_ONCE, older_than=older_than)
    hits: list[SessionRecord] = []
    looked_at: list[SessionRecord] = []
    messages = partly = chars = 0
    for record in page.rows:
        if chars > _CHARS_AT_ONCE:
            break
        texts = message_texts.newest(record.session_id, limit=MESSAGES_OF_A_SESSION, now=now())
        said = "\n".join([record.title, *texts.contents]).casefold()
        looked_at.append(record)
        chars += len(said)
        messages += len(texts.contents)
        partly += not texts.is_all
        if all(word in said for word in wanted):
            hits.append(record)
    is_whole = len(looked_at) == len(page.rows)
    older = page.older if is_whole else looked_at[-1].position.cursor()
    return Searched(
        found=replace(page, rows=hits, newer=None, older=older),
        sessions=len(looked_at),
        messages=messages,
        partly=partly,
        newest=looked_at[0].updated_at if looked_at else None,
        oldest=looked_at[-1].updated_at if looked_at else None,
    )
