"""One model call, whatever it takes: calls, the catalogue of models, prices, and the errors they end in.

Knows nothing of HTTP, tables or sessions. Other apps use the names below and no others.
"""

from .calls import converse
from .catalogue import find_model, list_models
from .clients import warm_up
from .deadline import Deadline
from .errors import (
    BedrockError,
    ContentBlocked,
    DeadlineExceeded,
    ModelAccessDenied,
    ModelError,
    ModelThrottled,
    ModelUnavailable,
)
from .prices import PRICE_VERSION, cost_nano_usd
from .values import ChatMessage, ModelInfo, ModelReply, ModelRequest, Prices, Role, Usage

__all__ = [
    "PRICE_VERSION",
    "BedrockError",
    "ChatMessage",
    "ContentBlocked",
    "Deadline",
    "DeadlineExceeded",
    "ModelAccessDenied",
    "ModelError",
    "ModelInfo",
    "ModelReply",
    "ModelRequest",
    "ModelThrottled",
    "ModelUnavailable",
    "Prices",
    "Role",
    "Usage",
    "converse",
    "cost_nano_usd",
    "find_model",
    "list_models",
    "warm_up",
]
