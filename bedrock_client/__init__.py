"""One model call, whatever it takes: answers whole or streamed, the catalogue of models, prices, errors.

Knows nothing of HTTP, tables or sessions. Other apps use the names below and no others.
"""

from .calls import converse, converse_stream
from .catalogue import find_model, list_models
from .clients import warm_up
from .errors import (
    BedrockError,
    CallStopped,
    ContentBlocked,
    DeadlineExceeded,
    ModelAccessDenied,
    ModelError,
    ModelThrottled,
    ModelUnavailable,
)
from .prices import PRICE_VERSION, cost_nano_usd
from .reply_stream import ReplyStream
from .stopping import Stop
from .values import EncodedExchange, ModelInfo, ModelReply, ModelRequest, Prices, Role, Usage
from .wire import encoded_exchange

__all__ = [
    "PRICE_VERSION",
    "BedrockError",
    "CallStopped",
    "ContentBlocked",
    "DeadlineExceeded",
    "EncodedExchange",
    "ModelAccessDenied",
    "ModelError",
    "ModelInfo",
    "ModelReply",
    "ModelRequest",
    "ModelThrottled",
    "ModelUnavailable",
    "Prices",
    "ReplyStream",
    "Role",
    "Stop",
    "Usage",
    "converse",
    "converse_stream",
    "cost_nano_usd",
    "encoded_exchange",
    "find_model",
    "list_models",
    "warm_up",
]
