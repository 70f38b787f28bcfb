"""The API key of a laptop, which `make run` shows in its curl line."""

from access import keys
from access.errors import InvalidCredentials
from access.keys.create_key import create_key
from access.scopes import Scope
from local_aws.state import State

OWNER = "local"


def ensure_api_key(state: State) -> str:
    """The key that is kept in the folder, or a new one when there is none or MiniStack does not know it any more.

    Raises StoreUnavailable.
    """
    kept = state.api_key()
    if kept is not None and _is_good(kept):
        return kept
    issued = create_key(owner=OWNER, name="make run", scopes=Scope)
    state.keep_api_key(issued.secret)
    return issued.secret


def _is_good(secret: str) -> bool:
    try:
        keys.caller_of(secret, before_look_up=lambda: None)
    except InvalidCredentials:
        return False
    return True
