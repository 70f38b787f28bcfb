"""What ends a deployment."""


class DeployError(Exception):
    """Something is not as a deployment needs it; the message says what, and what to do."""
