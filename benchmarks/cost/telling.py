"""What CloudWatch is paid for beside the application's log lines: metrics, alarms, and logs that AWS's services write.

Bytes and counts are those of real turns and of the stack `monitoring`; tests measure
them (tests/benchmarks/test_cost_of_telling.py).
"""

from decimal import Decimal

from benchmarks.cost.bill import GB, HOURS, Line
from benchmarks.cost.price_list import PriceList
from benchmarks.cost.workload import Workload

# Of an answered turn: lines of the embedded metric format, and the metrics in them, a stream's first text included.
METRICS_BYTES = 2_500
METRICS = 12
# START, END and REPORT, which Lambda writes about each call: an assumption, no Lambda was asked.
REPORT_BYTES = 300
# Metrics that the alarms of `monitoring` ask: one on what is reckoned out of several is paid for each of them. The
# tables' are in every way of running.
ALARMS_OF_TABLES, ALARMS_OF_FUNCTION, ALARMS_OF_BALANCER = 31, 27, 5
_DAYS_OF_A_MONTH = HOURS / 24


def of_function(workload: Workload, prices: PriceList) -> list[Line]:
    """Metrics are paid for from their first value on, each in every region."""
    gigabytes = Decimal(workload.chats * (METRICS_BYTES + REPORT_BYTES)) / GB
    metrics = Decimal(METRICS * workload.regions if workload.chats else 0)
    alarms = Decimal((ALARMS_OF_TABLES + ALARMS_OF_FUNCTION) * workload.regions)
    return [
        *_logs("metrics' and calls' logs", gigabytes, workload, prices),
        Line("metrics", metrics, prices["custom_metric"]),
        Line("alarms", alarms, prices["alarm_metric"]),
    ]


def of_cluster(workload: Workload, prices: PriceList) -> list[Line]:
    """Metrics go to Prometheus. Those of Container Insights, and the cluster's own logs, are the caller's to say."""
    alarms = Decimal((ALARMS_OF_TABLES + ALARMS_OF_BALANCER) * workload.regions)
    metrics = Decimal(workload.cluster_metrics * workload.regions)
    return [
        *_logs("cluster's logs", Decimal(workload.cluster_log_gb * workload.regions), workload, prices),
        Line("Container Insights' metrics", metrics, prices["custom_metric"]),
        Line("alarms", alarms, prices["alarm_metric"]),
    ]


def _logs(what: str, gigabytes: Decimal, workload: Workload, prices: PriceList) -> list[Line]:
    return [
        Line(f"{what}, taken in", gigabytes, prices["logs_ingested"]),
        Line(f"{what}, kept", gigabytes * workload.log_days / _DAYS_OF_A_MONTH, prices["logs_kept"]),
    ]
