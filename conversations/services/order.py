"""What a caller asks for."""

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass

# A fixed name space of our own, so that the same owner and key give the same session in every process and release.
_SESSIONS = uuid.UUID("6f1b0f1e-6a55-4c39-9a0b-7d0f6f5cbb5e")


@dataclass(frozen=True, slots=True)
class Order:
    """A message and how to answer it. None leaves it to the session or the settings."""

    message: str
    session_id: str | None = None
    model_id: str | None = None
    system: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None

    def fingerprint(self) -> str:
        """The same for the same order, and for no other."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def session_for(self, owner: str, key: str) -> str:
        """The session that is meant: the one named, the one that belongs to this Idempotency-Key, or a new one."""
        if self.session_id is not None:
            return self.session_id
        return str(uuid.uuid5(_SESSIONS, json.dumps([owner, key])) if key else uuid.uuid4())
