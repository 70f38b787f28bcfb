"""What a caller sees of a model's text: whole characters, no thinking, nothing at all if it is blank."""

from .thinking import ThinkingFilter

_FIRST_HIGH, _LAST_HIGH = "\ud800", "\udbff"


class VisibleText:
    """For a text that arrives in pieces, cut anywhere: in a tag, in a character, in the white space before a word."""

    def __init__(self) -> None:
        self._half = ""
        self._thinking = ThinkingFilter()
        self._blank = ""
        self._begun = False

    def feed(self, piece: str) -> str:
        """The part of the text so far that can be shown now; it is empty or the whole so far is not blank."""
        return self._visible(self._thinking.feed(self._whole(piece)))

    def close(self) -> str:
        """What was held back when the text ends; nothing if all of it is blank."""
        half, self._half = self._half, ""
        return self._visible(self._thinking.feed(_without_halves(half)) + self._thinking.close())

    def _whole(self, piece: str) -> str:
        """JSON spells a character beyond U+FFFF as two halves, which two pieces may share."""
        text = self._half + piece
        self._half = text[-1:] if _FIRST_HIGH <= text[-1:] <= _LAST_HIGH else ""
        return _without_halves(text[: len(text) - len(self._half)])

    def _visible(self, text: str) -> str:
        if self._begun:
            return text
        self._blank += text
        if not self._blank.strip():
            return ""
        self._begun = True
        return self._blank


def _without_halves(text: str) -> str:
    """Two halves become their character; a half alone, which no UTF-8 can hold, becomes a question mark."""
    if text.isascii():
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return joined.encode("utf-8", "replace").decode("utf-8")


def visible_text(text: str) -> str:
    """The visible part of a whole text; empty if there is nothing to see."""
    visible = VisibleText()
    return visible.feed(text) + visible.close()
