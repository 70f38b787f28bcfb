"""Words that every app uses: a deadline, and the base of the errors that callers are told about. Knows no other app."""
