"""What each part of the service carries, and what to raise first: `python -m benchmarks.scaling`. See docs/SCALING.md.

Limits of AWS are data (limits.toml), and so is what was measured of the service itself (figures.toml). What a chat is
comes from benchmarks/cost, so that both speak of the same one. Simulations take a seeded generator: the same seed gives
the same figures.
"""
