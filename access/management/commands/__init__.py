"""`api_key`: keys of callers."""
