"""What watches the service: rules for Prometheus, a dashboard for Grafana."""
