"""The reports on DynamoDB's throughput: units of a turn, shards of the staff's index, owners."""

from benchmarks.scaling import deployed
from benchmarks.scaling.asked import Asked
from benchmarks.scaling.heat import hottest_owner, hottest_shard, least_shards
from benchmarks.scaling.limits import limits
from benchmarks.scaling.plain_table import plain_table, shown
from benchmarks.scaling.ramp import ramp_minutes
from benchmarks.scaling.turn_units import ACTIVITY_INDEX, OWNER_INDEX, account_rate, account_units, turn_units

_SHARDS = (16, 64, 256, 1_024)
_OWNERS, _SKEW = (1, 100, 10_000), 1.0
_BUDGET_RATES = (1, 10, 30, 50)


def tables(asked: Asked) -> str:
    """Write units of a turn by table and index, how long new ones take to grow for them, and a budget's account."""
    units = {name: float(value) for name, value in turn_units(asked.load.workload).items()}
    written = [[name, shown(each), *(f"{each * rate:,.0f}" for rate in asked.rates)] for name, each in units.items()]
    minutes = [[name, *(f"{_minutes(each * rate):,}" for rate in asked.rates)] for name, each in units.items()]
    account = [[f"{rate}", shown(account_units(rate, asked.load.seconds))] for rate in _BUDGET_RATES]
    carries = account_rate(
        seconds=asked.load.seconds, partition_writes=limits()["partition_writes"], most_live=deployed.MOST_LIVE
    )
    at = [f"at {rate:,}" for rate in asked.rates]
    return "\n\n".join(
        [
            plain_table(["write units a second", "a turn", *at], written),
            plain_table(["minutes to grow, from new", *at], minutes),
            plain_table(["chats/s of one budget", "write units a second of its account"], account),
            f"The account of a budget carries {shown(carries)} chats/s.",
        ]
    )


def shards(asked: Asked) -> str:
    """The hottest shard of ActivityIndex, in write units a second, and how many shards a rate needs."""
    units = float(turn_units(asked.load.workload)[ACTIVITY_INDEX])
    rows = []
    for rate in asked.rates:
        sessions = round(rate * (asked.load.seconds + asked.load.pause_seconds))
        cells = []
        for number in _SHARDS:
            heat = hottest_shard(rate, shards=number, sessions=sessions, units=units, rng=asked.rng())
            cells.append(f"{heat.average:,.0f} ({heat.busiest_second:,.0f})")
        needed = least_shards(
            rate,
            first=deployed.ACTIVITY_SHARDS,
            partition_writes=limits()["partition_writes"],
            sessions=sessions,
            units=units,
            rng=asked.rng,
        )
        rows.append([f"{rate:,}", *cells, "more" if needed is None else f"{needed:,}"])
    return plain_table(["chats/s", *(f"{number:,} shards" for number in _SHARDS), "needed"], rows)


def owners(asked: Asked) -> str:
    """The hottest owner's partition of OwnerIndex, in write units a second."""
    units = float(turn_units(asked.load.workload)[OWNER_INDEX])
    rows = []
    for rate in asked.rates:
        heats = [hottest_owner(rate, owners=number, skew=_SKEW, units=units, rng=asked.rng()) for number in _OWNERS]
        rows.append([f"{rate:,}", *(f"{heat.average:,.0f} ({heat.busiest_second:,.0f})" for heat in heats)])
    carries = limits()["partition_writes"] / units
    head = ["chats/s", *("1 owner" if number == 1 else f"{number:,} owners" for number in _OWNERS)]
    return f"{plain_table(head, rows)}\nOne owner's partition carries {shown(carries)} chats/s."


def _minutes(units: float) -> int:
    bound = limits()
    return ramp_minutes(units, warm=bound["new_table_writes"], doubling_minutes=bound["ramp_minutes"])
