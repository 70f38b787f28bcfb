"""The product: sessions of messages with a model, kept in DynamoDB.

`api/` is the HTTP edge, `services/` one use case a module, `store/` the only code that knows DynamoDB; `domain.py` and
`errors.py` are the words they share.
"""
