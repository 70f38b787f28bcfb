"""How much a caller may ask for: requests in a time, failed sign-ins of an address, turns at once.

Counted in each process, or for all of them together in Redis (REDIS_URL). While Redis is away nobody is refused.
"""
