"""DynamoDB as every table of ours is spoken to: one client a process, the base of the models, retries, and its errors.

Knows no table: those are in the `store` of the app that owns them.
"""
