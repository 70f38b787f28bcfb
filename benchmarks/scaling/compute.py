"""What one pod and one function carry, in chats a second: processor, connections, memory.

By Little's law the turns under way are the chats a second times the seconds of one, nearly all of them the model's.
"""

from dataclasses import dataclass

from benchmarks.scaling.deployed import Pod
from benchmarks.scaling.figures import Figures
from benchmarks.scaling.load import Load

# Above this share of a processor requests queue for it.
BUSY = 0.7
_PERCENT = 100


def chat_cpu_ms(load: Load, figures: Figures) -> float:
    """CPU of an average chat whose process does not hold the session, some of them streamed."""
    streamed = load.workload.streamed_percent / _PERCENT
    history = load.earlier_messages * figures.message_cpu_ms
    return figures.json_cpu_ms + history + streamed * load.pieces * figures.piece_cpu_ms


@dataclass(frozen=True, slots=True)
class PodCapacity:
    """Chats a second that each bound of one pod allows, and the share of its memory that its workers take."""

    at_cpu_limit: float
    at_busy: float
    at_autoscaler: float
    at_connections: float
    memory_of_limit: float
    memory_of_target: float

    @property
    def carries(self) -> float:
        """Chats a second before requests queue."""
        return min(self.at_busy, self.at_connections)


def pod_capacity(pod: Pod, load: Load, figures: Figures) -> PodCapacity:
    """Of a pod whose node has the cores of its limit to give."""
    a_core = 1000 / chat_cpu_ms(load, figures)
    memory = pod.workers * figures.worker_mib
    return PodCapacity(
        at_cpu_limit=pod.cores_limit * a_core,
        at_busy=BUSY * pod.cores_limit * a_core,
        at_autoscaler=pod.cpu_target * pod.cores_request * a_core,
        at_connections=pod.workers * pod.connections / load.seconds,
        memory_of_limit=memory / pod.mib_limit,
        memory_of_target=memory / (pod.memory_target * pod.mib_request),
    )


def function_seconds(load: Load, figures: Figures, *, mb: int, mb_a_vcpu: int) -> float:
    """How long a function is busy with one chat: its share of a vCPU makes the CPU part longer than on a whole one."""
    share = mb / mb_a_vcpu
    return load.seconds + chat_cpu_ms(load, figures) / 1000 * (1 / share - 1)
