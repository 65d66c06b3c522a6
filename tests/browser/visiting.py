"""A tab of the browser on the app."""

from __future__ import annotations

DONE = (
    "document.querySelector('[data-testid=stApp]')"
    "?.getAttribute('data-test-script-state') === 'notRunning'"
    " && !document.querySelector('[data-testid=stSkeleton]')"
)


class Visit:
    """A tab of the browser on the app, and every request that it made."""

    def __init__(self, tab, address: str) -> None:
        self.tab, self.address = tab, address
        self.elsewhere: list[str] = []
        self.dialogs: list[str] = []
        tab.on("request", self._note)
        tab.on("dialog", self._close)

    def _note(self, request) -> None:
        here = (self.address, "data:", "blob:")
        if not request.url.startswith(here):
            self.elsewhere.append(request.url)

    def _close(self, dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, path: str = "") -> None:
        self.tab.goto(f"{self.address}/{path}")
        self.tab.get_by_text("demo, no sign-in").wait_for(timeout=60_000)
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run and its last element stands."""
        self.tab.wait_for_timeout(120)
        self.tab.wait_for_function(DONE, timeout=60_000)
        self.tab.wait_for_timeout(250)

    @property
    def words(self) -> str:
        return str(self.tab.get_by_test_id("stMain").inner_text())
