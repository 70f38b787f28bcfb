"""Takes `<thinking>…</thinking>` out of an answer: a model's notes to itself, which Nova writes into its text."""

_OPEN, _CLOSE = "<thinking>", "</thinking>"


class ThinkingFilter:
    """For an answer that arrives in pieces, cut anywhere, tags included.

    White space right behind a removed block goes with it; every other character is kept as it is. A block that is
    never closed hides all the rest.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._trimming = False

    def feed(self, piece: str) -> str:
        """The part of the text so far that can be shown now: what may be the beginning of a tag is held back."""
        self._held += piece
        shown = []
        while True:
            tag = _CLOSE if self._thinking else _OPEN
            before, found, behind = self._held.partition(tag)
            if not found:
                break
            shown.append(self._visible(before))
            self._held = behind
            self._trimming = self._thinking
            self._thinking = not self._thinking
        held = _possible_start(self._held, tag)
        shown.append(self._visible(self._held[: len(self._held) - held]))
        self._held = self._held[len(self._held) - held :]
        return "".join(shown)

    def close(self) -> str:
        """What was held back when the text ends: no tag came of it."""
        held, self._held = self._held, ""
        return self._visible(held)

    def _visible(self, text: str) -> str:
        if self._thinking:
            return ""
        if self._trimming:
            text = text.lstrip()
            self._trimming = not text
        return text


def _possible_start(text: str, tag: str) -> int:
    """How many characters at the end of `text` could be the beginning of `tag`."""
    longest = min(len(text), len(tag) - 1)
    return next((length for length in range(longest, 0, -1) if tag.startswith(text[-length:])), 0)
