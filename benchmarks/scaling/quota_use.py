"""How a service fills its quotas: chats that come at random, and go where bedrock_client would send them.

A chat asks its model in every region, then each fallback model in every region, regions that throttled in the last 30
seconds last; when all have refused it pauses with full jitter and asks again, until its deadline. Regions rest for all
chats alike, as in a service of one process.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import log
from random import Random

from bedrock_client.attempts import FIRST_WINDOW, LEAST_SECONDS, LONGEST_WINDOW, MOST_ROUNDS
from bedrock_client.regions import RestingRegions, Target
from benchmarks.scaling.quota import MINUTE, Demand, Use
from benchmarks.scaling.quota_window import Admitted, Window

MOST_CHATS = 80_000


@dataclass(slots=True)
class _Chat:
    began: float
    counts: bool
    rounds: int = 0


@dataclass(slots=True)
class _Service:
    models: list[str]
    regions: list[str]
    windows: dict[Target, Window]
    call: Demand
    deadline: float
    rng: Random
    now: float = 0.0
    use: Use = field(default_factory=Use)
    resting: RestingRegions = field(init=False)
    events: list[tuple[float, int, _Chat | tuple[Window, Admitted]]] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.resting = RestingRegions(clock=lambda: self.now)

    def at(self, moment: float, what: "_Chat | tuple[Window, Admitted]") -> None:
        heappush(self.events, (moment, next(self.numbers), what))

    def run(self) -> None:
        while self.events:
            self.now, _, what = heappop(self.events)
            if isinstance(what, _Chat):
                self.one_round(what)
            else:
                window, admitted = what
                window.settle(admitted, self.now, self.call.settled)

    def one_round(self, chat: _Chat) -> None:
        """Each target is asked once. A chat that none admits comes back after a pause, or gives up."""
        window_seconds = min(FIRST_WINDOW * 2**chat.rounds, LONGEST_WINDOW)
        chat.rounds += 1
        for target in self.targets():
            self.use.calls += chat.counts
            admitted = self.windows[target].admit(self.now, self.call.reserved)
            if admitted:
                self.resting.wake(target.region)
                self.at(self.now + self.call.seconds, (self.windows[target], admitted))
                self.answered(chat, target)
                return
            self.resting.rest(target.region)
        again = self.now + self.rng.uniform(0, window_seconds)
        if chat.rounds < MOST_ROUNDS and chat.began + self.deadline - again >= LEAST_SECONDS:
            self.at(again, chat)
        else:
            self.use.refused += chat.counts

    def targets(self) -> list[Target]:
        regions = sorted(self.regions, key=self.resting.is_resting)
        return [Target(model, region) for model in self.models for region in regions]

    def answered(self, chat: _Chat, target: Target) -> None:
        if chat.counts:
            self.use.answered += 1
            self.use.at_once += chat.rounds == 1
            self.use.waited += self.now - chat.began
            self.use.by_target[target] = self.use.by_target.get(target, 0) + 1


def simulate(
    rate: float,
    quotas: dict[str, int],
    regions: list[str],
    call: Demand,
    *,
    deadline: float,
    seconds: float,
    rng: Random,
) -> Use:
    """`rate` chats a second, of which those count that begin within `seconds` after the first minute.

    Others go on coming until the last of these has ended; MOST_CHATS are the most of all. `quotas` has the tokens a
    minute of the model and of its fallbacks, in this order, each the same in every region.
    """
    windows = {Target(model, region): Window(tokens) for model, tokens in quotas.items() for region in regions}
    service = _Service(list(quotas), regions, windows, call, deadline, rng)
    now = 0.0
    for _ in range(MOST_CHATS):
        now += -log(1.0 - rng.random()) / rate
        if now > MINUTE + seconds + deadline:
            break
        chat = _Chat(now, counts=MINUTE < now <= MINUTE + seconds)
        service.at(now, chat)
        service.use.chats += chat.counts
    service.run()
    return service.use
