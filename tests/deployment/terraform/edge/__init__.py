"""The stack `edge`."""
