"""The secret of an API key: how it is made, what it looks like, and the hash that is all we keep of it.

SHA-256 without salt or stretching is enough here: those protect what people think up, and nobody can try 2**256.
"""

import hashlib
import re
import secrets
import time

PREFIX = "cb_"
_BYTES = 32
_SHAPE = re.compile(r"cb_[A-Za-z0-9_-]{43}")

# Crockford's base 32, in the order of ASCII: no i, l, o and u, which are misread or spell words.
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_DIGITS = 7  # seconds since 1970, until the year 3058
_RANDOM_DIGITS = 7
KEY_ID_PATTERN = re.compile(rf"[{_DIGITS}]{{{_TIME_DIGITS + _RANDOM_DIGITS}}}")


def new_secret() -> str:
    """A secret of 256 random bits: `cb_` and 43 url-safe characters."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def has_key_shape(text: str) -> bool:
    """Whether this could be a secret of ours."""
    return _SHAPE.fullmatch(text) is not None


def hash_of(secret: str) -> str:
    """SHA-256 in hex, what the table knows the key by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key_id() -> str:
    """A public id of 14 characters. It begins with the time in seconds, so that ids sort by age."""
    digits, seconds = "", int(time.time())
    for _ in range(_TIME_DIGITS):
        seconds, digit = divmod(seconds, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits + "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM_DIGITS))
