"""Staff's pages: sessions in the stock look of Django's admin, and no SQL behind them.

Django finds this package by its name. Each page asks for its permission, calls one service, shapes the answer, and
leaves an entry in the audit trail where it shows or changes what people said.
"""

from conversations.admin import audit_trail, checks, sessions, stuck_turns
from conversations.admin.usage import place as usage

__all__ = ["audit_trail", "checks", "sessions", "stuck_turns", "usage"]
