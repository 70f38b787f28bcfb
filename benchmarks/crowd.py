"""Callers who chat only to be answered: nobody counts what it costs."""

import asyncio
import time
from itertools import count

from benchmarks.callers import WrongAnswer, ask, say
from benchmarks.children import Failed
from benchmarks.http_client import Connection


def chats(port: int, name: str, *, callers: int, number: int, seconds: float = 60.0) -> int:
    """So many chats, each the first of its session, by so many callers at once; how many there were in that time.

    Raises Failed.
    """
    try:
        return asyncio.run(_chats(port, name, callers=callers, number=number, seconds=seconds))
    except (WrongAnswer, OSError, EOFError, TimeoutError) as error:
        raise Failed(f"{name}: {type(error).__name__}: {error}") from error


async def _chats(port: int, name: str, *, callers: int, number: int, seconds: float) -> int:
    connections = await asyncio.gather(*(Connection.to(port) for _ in range(callers)))
    numbers, end = iter(range(number)), time.perf_counter() + seconds
    answered = count()

    async def keep_chatting(connection: Connection) -> None:
        for chat in numbers:  # all callers take from the same numbers
            await ask(connection, say(f"new-{name}-{chat}"))
            next(answered)
            if time.perf_counter() > end:
                break

    try:
        await asyncio.gather(*map(keep_chatting, connections))
    finally:
        for connection in connections:
            await connection.close()
    return next(answered)
