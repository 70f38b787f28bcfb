"""The header with which an Application Load Balancer vouches for a user whom it signed in."""

from access.load_balancer.header import caller_of

__all__ = ["caller_of"]
