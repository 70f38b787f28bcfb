"""An owner's API keys beside the erasing of the owner's data: counted, and revoked where staff want it so."""

import logging
from collections import deque
from dataclasses import dataclass, replace

from django.http import HttpRequest

from access.admin import audit
from access.admin.addresses import list_url
from access.admin.audit import KeyAction
from access.admin.pages import MANAGE, VIEW, may
from access.api_key import ApiKey
from access.keys.errors import KeyNotFound
from access.keys.owner_keys import usable_keys
from access.keys.revoke_key import revoke_key
from conversations.admin.pages import WriteUnanswered
from conversations.admin.unanswered import told_if_unanswered
from core.deadline import Deadline

logger = logging.getLogger("conversations")

# One request revokes for so long; what is left then takes another one.
REVOKE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class OwnerKeys:
    """The keys that let somebody in as the owner, and the ids of those that were revoked just now.

    `count` is in words; `link` leads to all keys of the owner, empty for staff who may not see keys.
    """

    usable: tuple[ApiKey, ...]
    is_all: bool
    link: str
    revoked: tuple[str, ...] = ()

    @property
    def count(self) -> str:
        """How many can still be used."""
        return f"{len(self.usable)}{'' if self.is_all else ' and more'}"


def may_revoke(request: HttpRequest) -> bool:
    """Whether the member of staff may revoke keys: as on the pages about keys, by both permissions."""
    return may(request, VIEW) and may(request, MANAGE)


def keys_of(request: HttpRequest, owner: str) -> OwnerKeys:
    """Those that can be used now. Raises StoreUnavailable."""
    found = usable_keys(owner)
    link = list_url(owner) if may(request, VIEW) else ""
    return OwnerKeys(tuple(found.keys), found.is_all, link)


def revoke_all(request: HttpRequest, keys: OwnerKeys, *, reason: str) -> OwnerKeys:
    """Revokes them, each on record; those for which there was no time, or no answer, are left."""
    deadline = Deadline.after(REVOKE_SECONDS)
    left, revoked = deque(keys.usable), list[str]()
    while left and deadline.remaining() > 0:
        key_id = left[0].key_id
        entry = audit.record(request, KeyAction.REVOKE, left[0], reason=reason)
        try:
            with told_if_unanswered(entry):
                revoke_key(key_id)
            revoked.append(key_id)
        except WriteUnanswered as error:
            logger.warning("not every key of an owner is revoked: %s", error)
            break
        except KeyNotFound:  # its row is gone, and lets nobody in either
            logger.info("a key to be revoked is gone")
        left.popleft()
    return replace(keys, usable=tuple(left), revoked=tuple(revoked))
