"""A Bedrock of the tests' own: real wire formats, the strictness of the real one, and answers that a test scripts."""

from .bedrock import ScriptedBedrock
from .wire import ModelCall, Tokens

__all__ = ["ModelCall", "ScriptedBedrock", "Tokens"]
