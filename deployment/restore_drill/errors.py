"""What ends a drill before its report."""


class DrillRefused(Exception):
    """The drill cannot begin or go on as asked; the message says what to do. The source tables are as they were."""
