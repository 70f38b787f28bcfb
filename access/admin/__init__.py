"""Staff's pages about API keys: list, look at, create, rotate, revoke.

Django finds this package by its name. Each page asks for its permission and calls one use case of `access.keys`; what
changes a key leaves an entry in the audit trail. A secret stands on the page that answers its making, and nowhere else.
"""

from access.admin import api_keys

__all__ = ["api_keys"]
