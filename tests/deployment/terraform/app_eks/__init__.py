"""The stack `app-eks`."""
