"""The tables of the usage page: by day, by model, by owner, the dearest sessions, and the month against budgets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.admin.addresses import key_url
from access.staff.shown import moment_html, state_html, text_html
from access.staff.shown import usd_of_nano as usd
from conversations.admin.addresses import list_url, session_url, usage_url
from conversations.admin.shown import row_title, tokens_html
from conversations.admin.usage.figures import FIGURES, Cell, figures, percent
from conversations.admin.usage.form import UsageAsked
from conversations.domain import Spending
from conversations.services.staff.budgets_to_date import BudgetToDate
from conversations.services.staff.usage_report import UsageReport
from conversations.store.staff.records import SessionRecord

# A table of more rows is folded: the charts above it say enough.
MOST_OPEN_ROWS = 31
DEAREST, BUDGETS = "Dearest sessions", "Month to date against budgets"


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names its rows; of the others, all but the last `words` are figures.

    A row of two cells has no figures: its second one says why.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    words: int = 0

    @property
    def is_open(self) -> bool:
        """Whether all rows are shown from the start."""
        return len(self.rows) <= MOST_OPEN_ROWS

    @property
    def other_columns(self) -> int:
        """How many there are beside the first."""
        return len(self.columns) - 1

    @property
    def figures_until(self) -> int:
        """The column with which words begin, counted from one."""
        return len(self.columns) - self.words

    @property
    def figure_cells(self) -> str:
        """Which cells of a row are figures, as a slice for the template."""
        return f"1:{self.figures_until}"

    @property
    def word_cells(self) -> str:
        """Which cells come after them, as a slice too."""
        return f"{self.figures_until}:"


def by_day(report: UsageReport, asked: UsageAsked) -> Table:
    """Every day of the range, each a link to itself alone; of days that are in none of the sums, why they are not."""
    untold = {
        **dict.fromkeys(report.missing_days, "Not in the sums yet"),
        **dict.fromkeys(report.unread_days, "Not read: DynamoDB does not answer"),
    }
    rows = []
    for day, spending in report.by_day:
        name = _link(usage_url(since=str(day), until=str(day), **asked.chosen), day.isoformat())
        rows.append([name, untold[day]] if day in untold else [name, *figures(spending)])
    return Table("By day (UTC)", ("Day", *FIGURES), rows)


def by_model(report: UsageReport, asked: UsageAsked) -> Table:
    """Models, each a link to its own use."""
    rows = [_row(model, spending, **{**asked.page, "model": model}) for model, spending in report.by_model]
    return Table("By model", ("Model", *FIGURES), rows)


def by_owner(report: UsageReport, asked: UsageAsked, *, may_list: bool) -> Table:
    """Owners, each a link to its own use, and to its sessions for those who may list them."""
    rows = [
        [*_row(owner, spending, **{**asked.page, "owner": owner}), *([_sessions_link(owner)] if may_list else [])]
        for owner, spending in report.by_owner
    ]
    columns = ("Owner", *FIGURES, *(["Sessions"] if may_list else []))
    return Table("By owner", columns, rows, words=1 if may_list else 0)


def dearest(records: Iterable[SessionRecord], *, may_read: bool) -> Table:
    """Sessions with the sums of their whole life, each a link for those who may read it."""
    rows = [
        [
            _session(record) if may_read else text_html(row_title(record, may_read=False)),
            f"{record.message_count:,}",
            tokens_html(record.usage),
            usd(record.cost_nano_usd),
            _link(list_url(owner=record.owner), record.owner),
            moment_html(record.updated_at),
            state_html(record.state),
        ]
        for record in records
    ]
    columns = ("Session", "Messages", "Tokens", "Cost", "Owner", "Last activity", "State")
    return Table(DEAREST, columns, rows, words=3)


def budgets(found: Iterable[BudgetToDate]) -> Table:
    """This month against its budgets."""
    rows = [
        [_budget_name(each), usd(each.spent_nano_usd), usd(each.limit_nano_usd), _share(each.share)] for each in found
    ]
    return Table(BUDGETS, ("Budget of", "Spent", "Budget", "Share spent"), rows)


def _row(name: str, spending: Spending, **parameters: str) -> list[Cell]:
    return [_link(usage_url(**parameters), name), *figures(spending)]


def _link(address: str, name: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text_html(name))


def _session(record: SessionRecord) -> SafeString:
    return _link(session_url("change", record.session_id), row_title(record, may_read=True))


def _sessions_link(owner: str) -> SafeString:
    html = '<a href="{}">Sessions<span class="visually-hidden"> of {}</span></a>'
    return format_html(html, list_url(owner=owner), text_html(owner))


def _budget_name(budget: BudgetToDate) -> SafeString:
    owner = _link(usage_url(owner=budget.owner), budget.owner)
    if not budget.key_id:
        return owner
    return format_html('{}, API key <a href="{}">{}</a>', owner, key_url("change", budget.key_id), budget.key_id)


def _share(share: Fraction) -> SafeString:
    """A bar that warns from 80 % on, as the headers of the API do, and the share in words."""
    words = percent(share.numerator, share.denominator)
    html = '<meter min="0" max="1000" high="800" optimum="0" value="{}" aria-label="Share spent">{}</meter> {}'
    return format_html(html, min(1000, int(share * 1000)), words, words)
