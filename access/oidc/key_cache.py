"""The issuer's keys as this process knows them, and when the issuer is asked again.

- Nothing known: one request asks, the others wait for its answer. An issuer that is down is asked every few seconds.
- Known for an hour: a request has them renewed, and goes on with the ones it has, as all others do. While the issuer
  cannot be reached they serve for a day.
- A `kid` nobody knows: the issuer is asked, but at most once a minute whoever calls, so that strangers cannot make us
  ask. Callers with known keys never wait for that.

PyJWT's own PyJWKClient asks with its lock held, so that every caller waits on a slow issuer, forgets its keys the
moment they are old, and takes answers of any length.
"""

import logging
import threading
import time
from collections.abc import Callable

import jwt

from access.errors import InvalidCredentials, IssuerUnavailable
from access.oidc.issuer import KeySet

logger = logging.getLogger("access")

FRESH_SECONDS = 3_600.0
USABLE_SECONDS = 86_400.0
# Between two questions while keys are known, whether for an unknown kid or because the last question failed.
AGAIN_SECONDS = 60.0
# Between two questions while nothing is known: nobody can be let in, so it is worth trying sooner.
COLD_AGAIN_SECONDS = 5.0


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="oidc-keys", daemon=True).start()


class KeyCache:
    """The keys of one issuer. `fetch` brings them or raises IssuerUnavailable; `start` runs work beside the request."""

    def __init__(
        self,
        fetch: Callable[[], KeySet],
        *,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._start = start
        self._flight = threading.Lock()  # who holds it asks the issuer
        self._keys: KeySet = {}
        self._fetched = float("-inf")
        self._due = float("-inf")
        self._again = float("-inf")

    def find(self, kid: str, algorithm: str) -> jwt.PyJWK:
        """The issuer's key of this name, for this algorithm.

        Raises InvalidCredentials when the issuer has no such key, and IssuerUnavailable when no key is known at all.
        """
        keys = self._known()
        if kid not in keys:
            keys = self._ask(kid)
        elif self._clock() >= self._due:
            self._renew()
        if kid not in keys:
            raise InvalidCredentials("the token names a key that its issuer does not publish")
        if algorithm not in keys[kid]:
            raise InvalidCredentials("the token's alg is not its key's")
        return keys[kid][algorithm]

    def _known(self) -> KeySet:
        return self._keys if self._clock() - self._fetched < USABLE_SECONDS else {}

    def _ask(self, kid: str) -> KeySet:
        with self._flight:  # for as long as one fetch takes, at most
            if kid not in self._known() and self._clock() >= self._again:
                self._refresh()
        keys = self._known()
        if not keys:
            raise IssuerUnavailable("no key is known", retry_after=max(1.0, self._again - self._clock()))
        return keys

    def _renew(self) -> None:
        if not self._flight.acquire(blocking=False):
            return
        try:
            self._start(self._renewed)
        except RuntimeError:  # no thread to be had: the keys that are known serve on
            self._flight.release()
            logger.warning("keys of the OIDC issuer were not renewed: no thread could be started")

    def _renewed(self) -> None:
        try:
            if self._clock() >= self._due:
                self._refresh()
        finally:
            self._flight.release()

    def _refresh(self) -> None:
        """Ask now. Only for who holds the flight. What comes next counts from the answer, however long it took."""
        fresh_seconds = AGAIN_SECONDS
        try:
            self._keys = self._fetch()
            self._fetched = self._clock()
            fresh_seconds = FRESH_SECONDS
        except IssuerUnavailable as error:
            logger.warning("keys of the OIDC issuer were not fetched: %s", error)
        finally:
            self._due = self._clock() + fresh_seconds
            self._again = self._clock() + (AGAIN_SECONDS if self._known() else COLD_AGAIN_SECONDS)
