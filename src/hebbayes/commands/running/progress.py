"""How a running experiment tells how far it is; front doors draw it, the library stays silent."""

from typing import Protocol


class Progress(Protocol):
    """A bar with a true total and the quantity that tells whether learning happens."""

    def start(self, description: str, total: int) -> None:
        """Begin a stage of ``total`` units; a stage in progress ends."""

    def advance(self, units: int = 1, status: str = "") -> None:
        """Report ``units`` more done, and e.g. the current success or free energy."""


class Silent:
    """Progress that nobody watches."""

    def start(self, description: str, total: int) -> None:
        """Say nothing."""

    def advance(self, units: int = 1, status: str = "") -> None:
        """Say nothing."""


SILENT: Progress = Silent()
