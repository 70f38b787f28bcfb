"""Turns in any order: random histories of requests, faults and deaths, held against a model of what must be true."""
