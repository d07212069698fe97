"""What a report holds, in the order in which it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class TableLike(Protocol):
    """A table of plain values."""

    @property
    def title(self) -> str:
        """Line above the table."""

    @property
    def header(self) -> Sequence[str]:
        """Name of each column."""

    @property
    def rows(self) -> Sequence[Sequence[Any]]:
        """Cells of each row."""


@dataclass(frozen=True)
class Section:
    """One question, and what answers it; figures come right after the first sentence.

    Attributes:
        heading: The question, or the subject.
        sentences: The answer first, then what it rests on.
        figures: Names of figures of the run.
        tables: Tables, below the figures.
    """

    heading: str
    sentences: Sequence[str] = ()
    figures: Sequence[str] = ()
    tables: Sequence[TableLike] = ()


@dataclass(frozen=True)
class Report:
    """One page for a reader who has never seen the program.

    Attributes:
        title: Headline.
        answer: The answer of the run, in a sentence or two.
        lead: Tables to read with the answer, such as estimates beside a known truth.
        data: What was recorded; None if the run reads no data.
        questions: The questions that the run answers.
        limits: What the answers do not show, a sentence each.
        glossary: Terms of the page, and what they mean.
        methods: A paragraph ready for a paper.
    """

    title: str
    answer: str = ""
    lead: Sequence[TableLike] = ()
    data: Section | None = None
    questions: Sequence[Section] = ()
    limits: Sequence[str] = ()
    glossary: Mapping[str, str] = field(default_factory=dict)
    methods: str = ""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Data and questions, in order.

        Example:
            >>> [one.heading for one in Report("a", data=Section("Data")).sections]
            ['Data']
        """
        return (*([self.data] if self.data else []), *self.questions)


@dataclass(frozen=True)
class Drawing:
    """One figure of a page.

    Attributes:
        svg: Text of an SVG file, without its caption.
        caption: What it shows.
    """

    svg: str
    caption: str
