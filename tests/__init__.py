"""Tests walk the same paths as the code. Fixtures that several of them need stand in conftest.py."""
