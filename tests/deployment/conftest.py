"""The order of files, so that those which take minutes are begun first and no process ends with one of them alone."""

import pytest

# `make check-deploy` gives whole files to processes, in this order.
LONGEST_FIRST = (
    "terraform/app_lambda/test_deploy_lambda.py",
    "terraform/app_eks/test_app_eks.py",
    "eks/test_with_terraform.py",
    "terraform/data/test_data.py",
    "terraform/app_lambda/test_app_lambda.py",
    "eks/test_deploy_eks.py",
    "terraform/edge/test_edge.py",
    "images/test_server_image.py",
    "images/test_lambda_image.py",
    "terraform/monitoring/test_monitoring.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of other files, and those within each file, stay in their random order."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    path = item.path.as_posix()
    return next((rank for rank, end in enumerate(LONGEST_FIRST) if path.endswith(end)), len(LONGEST_FIRST))
