"""Text of the length people write, the same in every run."""

_TEXT = (
    "the report says that demand grew in spring because two large customers moved their orders forward while the third "
    "asked for a later delivery so the forecast for summer should be read with some care and compared to last year"
)
_WORDS = _TEXT.split()


def sentence(number: int, *, shortest: int, longest: int) -> str:
    """Between `shortest` and `longest` characters, another text for another number."""
    length = shortest + number * 37 % (longest - shortest + 1)
    start = number * 7 % len(_WORDS)
    turned = " ".join(_WORDS[start:] + _WORDS[:start])
    return (turned + ". " + turned + ". " + turned)[:length].rstrip().ljust(length, ".")


QUESTION = sentence(3, shortest=80, longest=120)
REPLY = sentence(5, shortest=280, longest=320)
