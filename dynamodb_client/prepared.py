"""Updates whose expressions PynamoDB writes once, for the values that each request brings.

PynamoDB makes an expression out of an object for each of its parts. For a turn, whose two writes are always the same
few expressions, that was a fifth of what the turn costs (docs/PERFORMANCE.md): prepared, they are text that is sent
again.
"""

from collections.abc import Sequence
from typing import Any

from pynamodb.constants import ALL_OLD, EXPRESSION_ATTRIBUTE_VALUES, KEY
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Value
from pynamodb.expressions.update import Action

from dynamodb_client.client import Row
from dynamodb_client.encoding import Item


class _Parameter(Value):
    def serialize(self, *_: object) -> str:
        """Its name, in the place of the number that PynamoDB gives a value."""
        [name] = self.value.values()
        return str(name)


def parameter(name: str, kind: str = "S") -> Any:  # noqa: ANN401  # takes the place of any attribute's value
    """A value that each request brings under this name (`:owner`), of DynamoDB's type `kind` (S, N, M, SS)."""
    return _Parameter({kind: name})


class PreparedUpdate:
    """An update of `row`'s items; where `condition` refuses it, DynamoDB answers with the item that it found."""

    def __init__(self, row: type[Row], actions: Sequence[Action], condition: Condition | None = None) -> None:
        request = row.table().get_operation_kwargs(
            "",
            range_key="",
            actions=actions,
            condition=condition,
            return_values_on_condition_failure=ALL_OLD if condition is not None else None,
        )
        self._constants: Item = request.pop(EXPRESSION_ATTRIBUTE_VALUES, {})
        self._request = {name: part for name, part in request.items() if name != KEY}

    def request(self, key: Item, values: Item) -> dict[str, Any]:
        """The arguments of UpdateItem for the item with this key. `values` has every parameter, and nothing else."""
        return {**self._request, KEY: key, EXPRESSION_ATTRIBUTE_VALUES: {**self._constants, **values}}
