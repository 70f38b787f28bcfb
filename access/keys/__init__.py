"""API keys: made, rotated, revoked and listed by staff, and looked up for every request that brings one.

One use case a module, with plain values in and out, for the command line and the admin alike.
"""

from access.keys.caller import caller_of
from access.keys.secret import PREFIX

__all__ = ["PREFIX", "caller_of"]
