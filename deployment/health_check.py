"""The server image's HEALTHCHECK: `python deployment/health_check.py PORT`. Exit code 1: nobody answers as they should.

Of the standard library and little of it: it runs every 30 seconds in every container.
"""

import http.client
import sys

SECONDS = 3


def is_healthy(port: int) -> bool:
    """Whether the server on this machine's `port` answers /health with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_healthy(int(sys.argv[1])))
