"""The public keys of a region's load balancers, fetched one by one and kept: an id names one key for ever."""

import logging
import threading
import time
from collections.abc import Callable

from cachetools import TTLCache
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from access.errors import InvalidCredentials, IssuerUnavailable
from access.tokens.fetching import fetch

logger = logging.getLogger("access")

_MAX_KEYS = 64
# An id under which there was no key is not asked for again so soon.
_MAX_ABSENT = 1_024
ABSENT_SECONDS = 300.0
# Who can reach the process without the load balancer can send any id: so many questions, and the window is full.
MAX_FETCHES = 5
WINDOW_SECONDS = 60.0


class PublicKeys:
    """The keys published at one address."""

    def __init__(self, address: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._clock = clock
        self._flight = threading.Lock()  # who holds it may ask
        self._keys: dict[str, EllipticCurvePublicKey] = {}  # read without it, so that nobody waits for another's key
        self._absent: TTLCache[str, None] = TTLCache(_MAX_ABSENT, ABSENT_SECONDS, timer=clock)
        self._fetches: list[float] = []

    def find(self, kid: str) -> EllipticCurvePublicKey:
        """The key with this id, which must be safe to stand in a URL.

        Raises InvalidCredentials when there is none, IssuerUnavailable when nobody can say at the moment.
        """
        key = self._keys.get(kid) or self._ask(kid)
        if key is None:
            raise InvalidCredentials("the load balancer's header names a key that does not exist")
        return key

    def _ask(self, kid: str) -> EllipticCurvePublicKey | None:
        with self._flight:  # for as long as one fetch takes, at most
            if kid not in self._keys and kid not in self._absent:
                self._take_turn()
                self._fetch(kid)
            return self._keys.get(kid)

    def _take_turn(self) -> None:
        now = self._clock()
        self._fetches = [at for at in self._fetches if now - at < WINDOW_SECONDS]
        if len(self._fetches) >= MAX_FETCHES:
            wait = self._fetches[0] + WINDOW_SECONDS - now
            raise IssuerUnavailable(
                "too many unknown keys of load balancers were asked for", retry_after=max(1.0, wait)
            )
        self._fetches.append(now)

    def _fetch(self, kid: str) -> None:
        try:
            body = fetch(f"{self._address}/{kid}")
        except IssuerUnavailable as error:
            logger.warning("a load balancer's key was not fetched: %s", error)
            raise IssuerUnavailable("the load balancer's key cannot be fetched", retry_after=1.0) from None
        key = _read_key(body) if body is not None else None
        if key is None:
            self._absent[kid] = None
        else:
            if len(self._keys) >= _MAX_KEYS:
                del self._keys[next(iter(self._keys))]  # the one known longest
            self._keys[kid] = key


def _read_key(pem: bytes) -> EllipticCurvePublicKey | None:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1) else None
