"""Are the tables there, those of access too, and making them where no Terraform did."""

from botocore.exceptions import ClientError, WaiterError

from access.store.tables import TABLES as ACCESS_TABLES
from conversations.store.tables import TABLES as CONVERSATION_TABLES
from dynamodb_client.client import dynamodb_client
from dynamodb_client.errors import StoreUnavailable
from dynamodb_client.faults import error_code, store_errors

MISSING = "MISSING"
_TABLES = CONVERSATION_TABLES | ACCESS_TABLES


def read() -> dict[str, str]:
    """DynamoDB's status of each table, MISSING for one that is not there. Raises StoreUnavailable."""
    return {model.Meta.table_name: _status(model.Meta.table_name) for model in _TABLES}


def create() -> list[str]:
    """Makes the tables that are not there, with their indexes and TTL; returns their names. Raises StoreUnavailable."""
    made = []
    for model, ttl_attribute in _TABLES.items():
        name = model.Meta.table_name
        with store_errors():
            if not model.exists():
                model.create_table(wait=False)
                made.append(name)
        _wait(name)
        if ttl_attribute:
            _enable_ttl(name, ttl_attribute)
    return made


def _status(name: str) -> str:
    try:
        with store_errors():
            status: str = dynamodb_client().describe_table(TableName=name)["Table"]["TableStatus"]
    except StoreUnavailable as error:
        if error.__cause__ and error_code(error.__cause__) == "ResourceNotFoundException":
            return MISSING
        raise
    return status


def _wait(name: str) -> None:
    try:
        waiter = dynamodb_client().get_waiter("table_exists")
        waiter.wait(TableName=name, WaiterConfig={"Delay": 2, "MaxAttempts": 60})
    except (WaiterError, ClientError) as error:
        raise StoreUnavailable(f"{name} does not become ACTIVE") from error


def _enable_ttl(name: str, attribute: str) -> None:
    client = dynamodb_client()
    with store_errors():
        now = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if now not in {"ENABLED", "ENABLING"}:
            wanted = {"Enabled": True, "AttributeName": attribute}
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
