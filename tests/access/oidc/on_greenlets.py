"""A cold start and a renewal under gevent, as a program of its own: gevent patches the whole process."""

from gevent import monkey

monkey.patch_all()

import threading  # noqa: E402  # after the patch, as in a worker
from functools import partial  # noqa: E402

import django  # noqa: E402
import gevent  # noqa: E402
from django.test import override_settings  # noqa: E402

django.setup()

from access.oidc import caller_of  # noqa: E402
from access.oidc.issuer import fetch_keys  # noqa: E402
from access.oidc.key_cache import FRESH_SECONDS, KeyCache  # noqa: E402
from tests.access.local_issuer import AUDIENCE, LocalIssuer, rsa_key  # noqa: E402

GREENLETS = 32


def main() -> None:
    """Callers at a cold start, then callers with a key that is only there once the keys have been renewed."""
    issuer = LocalIssuer()
    threading.Thread(target=issuer.serve_forever, daemon=True).start()
    seconds = [0.0]
    keys = KeyCache(partial(fetch_keys, issuer.url), clock=lambda: seconds[0])
    with override_settings(OIDC_ISSUER=issuer.url, OIDC_AUDIENCE=[AUDIENCE]):
        callers = _together(keys, issuer.token())
        seconds[0] = FRESH_SECONDS
        issuer.publish("second", rsa_key("second"))
        callers += _together(keys, issuer.token(kid="second"))
    print(f"{callers} callers, {len(issuer.requests)} requests")  # noqa: T201  # what the test reads
    issuer.shutdown()
    issuer.server_close()


def _together(keys: KeyCache, token: str) -> int:
    calls = [gevent.spawn(caller_of, token, keys=keys) for _ in range(GREENLETS)]
    return len([call.get(timeout=20) for call in calls])


if __name__ == "__main__":
    main()
