"""What Prometheus' client is given beside metrics."""

import os

from telemetry.prometheus import ProcessID


def test_a_forked_process_has_an_id_of_its_own() -> None:
    process_id = ProcessID()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, str(process_id()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert (process_id(), int(os.read(reading, 20))) == (os.getpid(), child)
    os.close(reading)
    os.close(writing)
