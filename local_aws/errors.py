"""What can keep local mode from running. Each message is one sentence for the person at the terminal."""


class LocalModeError(Exception):
    """Local mode cannot start or go on; the message says why and, where something helps, what."""


class StopRequestedError(Exception):
    """Somebody asked to stop while children were still starting. Not a failure."""
