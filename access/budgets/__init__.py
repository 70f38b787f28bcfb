"""How much a caller may spend in a month, held to the cent whatever runs at once.

A turn reserves the most that it can cost before the model is called (`reserving`) and settles for what it did cost
(`settling`); what processes left behind is put right from the ledger (`reconciling`). What the ledger says comes in as
a function: this package knows no conversation.
"""
