"""An owner's API keys beside the erasing of the owner's data: counted, and revoked where staff want it so."""

import logging
from dataclasses import dataclass, replace

from django.http import HttpRequest

from access.admin import audit
from access.admin.addresses import list_url
from access.admin.audit import KeyAction
from access.admin.pages import MANAGE, VIEW
from access.api_key import ApiKey
from access.keys.errors import KeyNotFound
from access.keys.owner_keys import usable_keys
from access.keys.revoke_key import revoke_key
from core.deadline import Deadline
from dynamodb_client.errors import StoreUnavailable

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
    return all(request.user.has_perm(f"access.{permission}") for permission in (VIEW, MANAGE))


def keys_of(request: HttpRequest, owner: str) -> OwnerKeys:
    """Those that can be used now. Raises StoreUnavailable."""
    found = usable_keys(owner)
    link = list_url(owner) if request.user.has_perm(f"access.{VIEW}") else ""
    return OwnerKeys(tuple(found.keys), found.is_all, link)


def revoke_all(request: HttpRequest, keys: OwnerKeys, *, reason: str) -> OwnerKeys:
    """Revokes them, each on record; those for which there was no time, or no answer, are left."""
    deadline = Deadline.after(REVOKE_SECONDS)
    done = 0
    for key in keys.usable:
        if deadline.remaining() <= 0:
            break
        audit.record(request, KeyAction.REVOKE, key, reason=reason)
        try:
            revoke_key(key.key_id)
        except StoreUnavailable as error:
            logger.warning("not every key of an owner is revoked: %s", error)
            break
        except KeyNotFound:  # its row is gone, and lets nobody in either
            logger.info("a key to be revoked is gone")
        done += 1
    revoked = tuple(key.key_id for key in keys.usable[:done])
    return replace(keys, usable=keys.usable[done:], revoked=revoked)
