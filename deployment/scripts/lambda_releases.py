"""Which version of a function is live, and the way back to the one before.

The alias `live` is what callers reach. Its description notes the version that was live before, written after each
release; rolling back needs neither Terraform nor its state, and takes one call. A rollback is noted too, and a second
one refused: it would go one release too far back.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deployment.scripts.errors import DeployError

ALIAS = "live"
PAUSE_SECONDS = 2
_BEFORE = re.compile(r"Before it: version (\d+)")
_ROLLED_BACK = re.compile(r"Rolled back from version (\d+)")
# Of a canary; behind it stands the note that was there, which holds again from the next release on.
_TOOK_BACK = re.compile(r"Took back version (\d+)\. ?(.*)")


@dataclass(frozen=True, slots=True)
class _WayBack:
    """What the alias is to stand for, the note that goes with it, and what is said once it does, or of a dry run."""

    version: str
    note: str
    done: str
    would: str


def live(client: Any, *, function: str) -> str:  # noqa: ANN401  # boto3 makes its clients at run time
    """The version behind the alias; empty where there is no function or no alias yet."""
    try:
        version: str = client.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    except client.exceptions.ResourceNotFoundException:
        return ""
    return version


def note_before(client: Any, *, function: str, before: str) -> None:  # noqa: ANN401  # as above
    """Writes down where a rollback goes. Where this very version is live still, what was noted of it holds."""
    if not before:
        return
    alias = client.get_alias(FunctionName=function, Name=ALIAS)
    if before != alias["FunctionVersion"]:
        client.update_alias(FunctionName=function, Name=ALIAS, Description=f"Before it: version {before}")
    elif took_back := _TOOK_BACK.fullmatch(alias.get("Description", "")):
        client.update_alias(FunctionName=function, Name=ALIAS, Description=took_back[2])


def wait_ready(
    client: Any,  # noqa: ANN401  # as above
    *,
    function: str,
    version: str,
    seconds: int,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Returns when the version, or the one behind an alias, takes requests.

    Raises DeployError when it failed, or not in these seconds.
    """
    for _ in range(max(1, seconds // PAUSE_SECONDS)):
        state = client.get_function_configuration(FunctionName=function, Qualifier=version)
        if state["State"] == "Failed":
            raise DeployError(f"{function} failed to start: {state.get('StateReason', 'no reason is given')}")
        if state["State"] in ("Active", "Inactive"):
            return
        sleep(PAUSE_SECONDS)
    raise DeployError(f"{function} was not ready within {seconds} seconds: its state is {state['State']}.")


def roll_back(client: Any, *, function: str, dry_run: bool = False) -> str:  # noqa: ANN401  # as above
    """Says what was done, or what a dry run leaves undone.

    Raises DeployError where there is nothing to go back to, or no more.
    """
    try:
        alias = client.get_alias(FunctionName=function, Name=ALIAS)
    except client.exceptions.ResourceNotFoundException:
        raise DeployError(f"{function} was never released here: there is nothing to roll back.") from None
    way = _way_back(alias)
    if dry_run:
        return way.would
    client.update_alias(
        FunctionName=function,
        Name=ALIAS,
        FunctionVersion=way.version,
        Description=way.note,
        RoutingConfig={"AdditionalVersionWeights": {}},
    )
    return way.done


def _way_back(alias: dict[str, Any]) -> _WayBack:
    version, note = alias["FunctionVersion"], alias.get("Description", "")
    took_back = _TOOK_BACK.fullmatch(note)
    if shared := (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
        # AWS lets one version have a share beside the live one.
        (canary,) = shared
        return _WayBack(
            version,
            f"Took back version {canary}. {took_back[2] if took_back else note}".rstrip(),
            done=f"Version {version} answers every request again, and {canary} none.",
            would=f"Version {version} would answer every request again, and {canary} none.",
        )
    if took_back:
        raise DeployError(f"Version {version} is live, and {took_back[1]} was taken back already: nothing was changed.")
    if rolled_back := _ROLLED_BACK.fullmatch(note):
        raise DeployError(f"Version {version} is live, rolled back from {rolled_back[1]} already: nothing was changed.")
    before = _BEFORE.fullmatch(note)
    if before is None:
        raise DeployError(f"Version {version} is the first that was released: there is none to roll back to.")
    return _WayBack(
        before[1],
        f"Rolled back from version {version}",
        done=f"Version {before[1]} is live again, in place of {version}.",
        would=f"Version {before[1]} would be live again, in place of {version}.",
    )
