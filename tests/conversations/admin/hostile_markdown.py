"""Texts that are made to keep a renderer of Markdown busy, or to swell."""

MAX_CHARS = 20_000  # of an answer that is rendered
MESSAGES_OF_A_PAGE = 50


def _table(columns: int, rows: int) -> str:
    """Rows of one letter, which are filled up with cells."""
    return "|a" * columns + "|\n" + "|-" * columns + "|\n" + "a\n" * rows + "\n"


UNITS = (
    *("[", "![", "[[", "[](", "[a](", "[a][", "[a](<b", '[a](b "', "[a\n", "*[", "`[", "[x]: <\n", "[x]: a '\n"),
    *("*a ", "**a ", "*_", "_a", "a**b", "~~a ", "~~*a", "*_~~`[", "*b**c***d****e"),
    *(">", "> ", "- ", "1. ", "- > ", "- a\n", "# ", "#\n", "a\n=", "***\n"),
    *(
        "`",
        "`a ",
        "``a`",
        "```\n",
        "~~~\n",
        "<",
        "<a b",
        "<!--a",
        "<![CDATA[",
        "<http:a",
        "&#",
        "&amp;",
        "\\",
        "\n",
        "\t",
    ),
    *("|a", "a|b\n-|-\nc|d\n\n", _table(100, 100)),
)
WHOLE = (
    *(_table(256, 256), _table(1_000, 65), _table(60, 1_000), "|a|b|\n|-|-|\n" + "|\n" * 9_000),
    *(">" * 100 + "a\n" * 9_000, ">" * 19 + "a\n" * 9_000, "".join("- " * depth + "a\n" for depth in range(1, 100))),
    "".join("`" * length + "a" for length in range(1, 190)),
    *("[a]: " + "b" * 10_000 + "\n\n" + "[a]" * 3_000, "[a]: b '" + "c" * 10_000 + "'\n\n" + "[a]" * 3_000),
    *("[a](" + "(" * 19_000, "[" * 7_000 + "a" + "](b)" * 3_000),
)
TEXTS = [unit * (MAX_CHARS // len(unit)) for unit in UNITS] + [text[:MAX_CHARS] for text in WHOLE]


def a_page(text: str) -> list[str]:
    """A whole message of it, and as many short ones as a page has room for."""
    return [text] + [text[: MAX_CHARS // 16]] * (MESSAGES_OF_A_PAGE - 1)
