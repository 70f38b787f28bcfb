"""The stack `app-lambda`."""
