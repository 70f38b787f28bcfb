"""How titles, tokens and models look on staff's pages; times, money and states are `access.staff.shown`'s."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bedrock_client import Usage
from conversations.store.staff.records import SessionRecord


def title_of(title: str, *, may_read: bool) -> str:
    """The title, for those who may read what was said: mostly it is the beginning of the first message."""
    return (title.strip() or "(no title)") if may_read else "(title hidden)"


def row_title(record: SessionRecord, *, may_read: bool) -> str:
    """The same in a list, where the id tells sessions apart whose titles are hidden."""
    title = title_of(record.title, may_read=may_read)
    return title if may_read else f"{record.session_id} {title}"


def tokens_html(usage: Usage) -> SafeString:
    """All tokens, and of which kinds in the tooltip."""
    kinds = (
        f"{usage.input_tokens:,} in, {usage.output_tokens:,} out, "
        f"{usage.cache_read_tokens:,} read from cache, {usage.cache_write_tokens:,} written to cache"
    )
    return format_html('<span title="{}">{}</span>', kinds, f"{usage.prompt_tokens + usage.output_tokens:,}")


def model_name(model_id: str) -> str:
    """The name that a model is known by: `nova-pro-v1` of `us.amazon.nova-pro-v1:0`."""
    return model_id.rpartition(".")[2].partition(":")[0]


def models_html(models: Iterable[str]) -> SafeString:
    """Models by the name they are known by, a line for each; the whole id is in the tooltip."""
    rows = ((model, model_name(model)) for model in models)
    return format_html_join("", '<span class="model" title="{}">{}</span>', rows)
