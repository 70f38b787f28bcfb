"""The service's metrics: https://prometheus.io/docs/practices/naming/"""

from prometheus_client import Counter

# `limit` says which: rate, failures or turns.
LIMITS_UNCHECKED = Counter(
    "chatbot_limits_unchecked_total",
    "Requests that passed a limit unchecked because Redis was away",
    ["limit"],
)
