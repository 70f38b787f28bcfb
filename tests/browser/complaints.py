"""What must not happen while staff read: scripts that fail or are refused, dialogs, requests to other hosts."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request


class Complaints:
    """What browsers said of the pages of a site."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._heard: list[str] = []
        self._expected: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        """From now on, to every page of this context."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self._heard.append(f"script failed: {error.error.message}"))
        context.on("dialog", self._asked)
        context.on("request", self._went)

    def expect_status(self, status: int) -> None:
        """A page will be answered so; the browser's console tells of refusals as errors."""
        self._expected.append(f"error: Failed to load resource: the server responded with a status of {status} ")

    def unexpected(self) -> list[str]:
        """What was heard and not expected."""
        return [each for each in self._heard if not each.startswith(tuple(self._expected))]

    def _said(self, message: ConsoleMessage) -> None:
        # A violation of the page's policy is an error of the console.
        if message.type in {"error", "warning"}:
            self._heard.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _asked(self, dialog: Dialog) -> None:
        self._heard.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _went(self, request: Request) -> None:
        if not request.url.startswith((f"{self._url}/", "data:")):
            self._heard.append(f"request: {request.url}")
