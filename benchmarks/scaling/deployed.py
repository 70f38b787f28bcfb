"""What the deployment sets by default. Tests compare it with deployment/, the settings and the store."""

from dataclasses import dataclass

# conversations/store/tables.py.
ACTIVITY_SHARDS = 16
USAGE_SHARDS = 32
# access/budgets/account.py: turns of one budget that may be under way at once.
MOST_LIVE = 300
# Units a second: most_requests of deployment/terraform/data, of the conversations and of the ledger.
CONVERSATIONS_READS, CONVERSATIONS_WRITES = 12_000, 6_000
USAGE_WRITES = 3_000
# deployment/terraform/app-lambda.
FUNCTION_MB = 1_024
# CHAT_DEADLINE_SECONDS, of which a commit has what the model left.
CHAT_SECONDS = 60.0
# The same less what is kept for the commit: conversations/services/deadlines.py.
MODEL_SECONDS = 58.0


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of deployment/kubernetes, in cores and MiB. The autoscaler's targets are shares of what it requests."""

    workers: int = 2
    connections: int = 1_000
    cores_limit: float = 1.0
    cores_request: float = 0.25
    mib_limit: int = 768
    mib_request: int = 512
    cpu_target: float = 0.7
    memory_target: float = 0.8
    most_pods: int = 10
