"""Taking sessions that are gone out of the copies of closed days, however they went: erased by callers, or expired."""

from conversations.services.clock import now
from conversations.store.staff import closed_days, heads


def forget_erased() -> int:
    """Looks up every session that a closed day was copied with; returns how many were forgotten.

    Raises StoreUnavailable; what was forgotten until then stays so.
    """
    forgotten = 0
    after = ""
    while kept := closed_days.kept_sessions(after=after, most=heads.BATCH):
        gone = set(kept) - {record.session_id for record in heads.listed(kept, now=now())}
        closed_days.forget(gone)
        forgotten += len(gone)
        after = kept[-1]
    return forgotten
