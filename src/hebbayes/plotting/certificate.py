"""The figure of a certificate: the largest discrepancy of every claim and its tolerance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from hebbayes.plotting.style import (
    MEDIUM_MM,
    SOURCE_OFF,
    SOURCE_ON,
    add_caption,
    new_figure,
    style_axes,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.theory.certificate.certificate import Certificate

SMALLEST_DRAWN = 1e-18


class Claim(Protocol):
    """A row of a certificate: name, discrepancy, tolerance, and whether it holds."""

    @property
    def name(self) -> str:
        """Name of the claim."""

    @property
    def discrepancy(self) -> float:
        """Largest relative discrepancy."""

    @property
    def tolerance(self) -> float:
        """Largest discrepancy tolerated."""

    @property
    def holds(self) -> bool:
        """Whether the discrepancy is within the tolerance."""


def draw_certificate(rows: Sequence[Claim]) -> "Figure":
    """Return a figure with one line per row: blue dots hold, orange crosses fail.

    Example:
        >>> from hebbayes.theory.certificate.certificate import Claim
        >>> figure = draw_certificate([Claim("free_energy", 2e-15, 1e-10)])
        >>> figure.axes[0].get_xlabel()
        'largest relative discrepancy of two routes'
    """
    figure = new_figure(MEDIUM_MM, 22 + 7 * len(rows))
    ax = figure.add_subplot()
    for position, row in enumerate(reversed(rows)):
        colour, marker = (SOURCE_OFF, "o") if row.holds else (SOURCE_ON, "X")
        discrepancy = max(row.discrepancy, SMALLEST_DRAWN)
        ax.plot(
            [SMALLEST_DRAWN, discrepancy], [position, position], color="0.85", linewidth=1, zorder=1
        )
        ax.plot(discrepancy, position, marker, color=colour, markersize=5, clip_on=False, zorder=2)
    ax.axvline(rows[0].tolerance, color="0.3", linestyle="--", linewidth=1)
    ax.set_xscale("log")
    ax.set_xlim(SMALLEST_DRAWN, 10)
    ax.set_yticks(range(len(rows)), [row.name.replace("_", " ") for row in reversed(rows)])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    style_axes(ax, x="largest relative discrepancy of two routes", y="claim")
    add_caption(
        figure,
        "Largest discrepancy of two independent routes to each quantity. Dots hold, crosses fail; "
        "dashed: what rounding may cause.",
    )
    return figure


def plot_certificate(certificate: "Certificate") -> "Figure":
    """Return a figure of all claims of a certificate.

    Example:
        >>> from hebbayes.theory.certificate.certificate import Certificate, Claim
        >>> figure = plot_certificate(Certificate((Claim("free_energy", 2e-15, 1e-10),)))
        >>> [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
        ['free energy']
    """
    return draw_certificate(certificate.claims)
