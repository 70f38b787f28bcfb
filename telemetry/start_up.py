"""Telemetry as the settings want it, once for each process."""

from django.conf import settings

from telemetry import instruments, metrics, tracing
from telemetry.known_series import known_series


def start() -> None:
    """Begins to measure and to trace. What the settings do not ask for is not imported."""
    instruments.use(_backend())
    for instrument, labels in known_series():
        instrument.begin(*labels)
    metrics.REQUEST_SLOTS.add(settings.GUNICORN_CONNECTIONS)
    tracing.use(_tracer())


def _backend() -> instruments.Backend:
    if settings.METRICS == "prometheus":
        from telemetry.prometheus import Prometheus

        return Prometheus()
    if settings.METRICS == "emf":
        from telemetry.emf import EMF

        return EMF(settings.AWS_LAMBDA_FUNCTION_NAME or "chatbot")
    return instruments.Nowhere()


def _tracer() -> tracing.Tracer | None:
    if settings.TRACES == "off":
        return None
    from telemetry.spans import SpanTracer, exporting_provider

    return SpanTracer(exporting_provider(xray_ids=settings.TRACES == "xray"))
