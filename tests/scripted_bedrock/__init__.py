"""A Bedrock of the tests' own: real wire formats, the strictness of the real one, and answers that a test scripts."""

from .bedrock import ScriptedBedrock
from .streams import BROKEN_ENDS, WHOLE_ENDS, Gate
from .wire import ModelCall, Tokens

__all__ = ["BROKEN_ENDS", "WHOLE_ENDS", "Gate", "ModelCall", "ScriptedBedrock", "Tokens"]
