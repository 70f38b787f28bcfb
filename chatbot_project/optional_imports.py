"""How to import a library without those that it would import if they were there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def taken_for_missing(*modules: str) -> Iterator[None]:
    """Inside, importing one of these raises ModuleNotFoundError; one that is imported already stays as it is.

    None in a module's place does that: https://docs.python.org/3/reference/import.html#the-module-cache
    """
    hidden = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # the stubs know modules only
    try:
        yield
    finally:
        for module in hidden:
            del sys.modules[module]
