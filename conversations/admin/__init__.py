"""Staff's pages: sessions in the stock look of Django's admin, and no SQL behind them.

Django finds this package by its name. Each page asks for its permission, calls one service, shapes the answer, and
leaves an entry in the audit trail where it shows or changes what people said.
"""

from django.contrib import admin

from conversations.admin import audit_trail, checks, sessions, stuck_turns

__all__ = ["audit_trail", "checks", "sessions", "stuck_turns"]

admin.site.site_header = admin.site.site_title = "Chatbot staff"
admin.site.index_title = "Sessions, accounts and audit trail"
