"""The report of an analysis: readable at once, complete on paper, safe whatever a file holds."""

import re
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.commands.analyze import present, run
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.commands.running.outcome import Table
from hebbayes.reports import Drawing, Report, Section, render_page
from hebbayes.reports.tables import PAGE_CHARACTERS, render_table, split_columns


@pytest.fixture(scope="module")
def outcome():
    return present(run(AnalyzeConfig(n_ensembles=2, workers=1)))


@pytest.fixture(scope="module")
def page(outcome) -> str:
    drawings = {name: Drawing("<svg width='9pt'></svg>", name) for name in outcome.figures}
    return render_page(outcome.report, drawings)


def test_the_first_lines_set_estimates_beside_the_truth(outcome) -> None:
    report = outcome.report
    assert report.answer.startswith("In the embedded example, ")
    assert "intervals contain the true value" in report.answer
    assert report.lead[0].header == ["quantity", "estimate", "low", "high", "truth", "inside"]


def test_no_wall_of_sentences_stands_before_the_first_figure(page) -> None:
    before = re.sub(r"<style>.*?</style>|<table>.*?</table>", "", page[: page.index("<figure")],
                    flags=re.DOTALL)  # fmt: skip
    words = re.sub(r"<[^>]+>", " ", before).split()
    assert len(words) < 150


def test_priors_are_probabilities_with_their_intervals(outcome) -> None:
    section = next(s for s in outcome.report.sections if "believe" in s.heading)
    culture = outcome.summary["cultures"][0]
    for row, value in zip(section.tables[0].rows, culture["phi"]["value"]):
        probability = 1 / (1 + np.exp(-value))
        assert float(row[1].split(" [")[0]) == pytest.approx(probability, abs=6e-4)


def test_the_theory_has_rows_among_the_losses(outcome) -> None:
    rows = {row["model"]: row for row in outcome.summary["loss_table"]}
    adds = outcome.summary["theory_adds"]
    best, with_theory = rows["best null"], rows["best null and theory"]
    assert with_theory["kind"] == "theory"
    assert with_theory["value"] == pytest.approx(best["value"] * (1 - adds["value"]))
    assert with_theory["low"] == pytest.approx(best["value"] * (1 - adds["high"]))
    shown = next(s for s in outcome.report.sections if "theory add" in s.heading).tables[0].rows
    assert ["best null and theory", "theory"] in [row[:2] for row in shown]


def test_sections_come_in_the_order_of_the_reader(page) -> None:
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings[0] == "What was recorded"
    assert headings[-3:] == ["Limits", "Glossary", "Methods"]


def test_no_table_is_wider_than_a_page(outcome) -> None:
    tables = [t for s in outcome.report.sections for t in s.tables] + list(outcome.tables)
    for table in tables:
        texts = [[str(cell)[:32] for cell in row] for row in table.rows]
        for part in split_columns(table.header, texts):
            widths = [max([*(len(row[k]) for row in texts), 1]) for k in part]
            assert len(part) <= 2 or sum(widths) + 2 * len(widths) <= PAGE_CHARACTERS + 2


def test_every_column_of_a_split_table_is_kept_once_beside_the_first() -> None:
    wide = Table("wide", [f"column {k}" for k in range(12)], [["9" * 12] * 12])
    html = render_table(wide)
    assert html.count("<table>") > 1
    for k in range(1, 12):
        assert html.count(f'<th scope="col">column {k}</th>') == 1
    assert html.count("wide, continued") == html.count("<table>") - 1


def test_texts_of_a_file_are_escaped_everywhere() -> None:
    evil = '<script>alert("x")</script>'
    section = Section(evil, [evil, evil], ["a"], [Table(evil, [evil, evil], [[evil, evil]])])
    report = Report(evil, evil, section.tables, section, [section], [evil], {evil: evil}, evil)
    page = render_page(report, {"a": Drawing("<svg></svg>", evil)}, {evil: evil})
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 15


def test_a_page_fetches_nothing_and_knows_telephones_darkness_and_paper(page) -> None:
    assert not re.search(r"<script|<link|@import|src=|url\((?!#)|https?://(?!www\.w3)", page)
    for condition in ("max-width: 40rem", "prefers-color-scheme: dark", "@media print"):
        assert condition in page
    assert "overflow-x: auto" not in re.search(r"table \{[^}]*\}", page)[0]


def test_black_and_white_of_a_figure_follow_the_reader() -> None:
    svg = '<svg width="250pt"><path style="fill: #ffffff; stroke: #000000" id="p"/></svg>'
    page = render_page(Report("t", data=Section("d", (), ["a"])), {"a": Drawing(svg, "c. d.")})
    assert "fill: var(--paper); stroke: currentColor" in page
    assert 'id="a-p"' in page
    assert '<figure class="narrow">' in page
    assert 'aria-label="c"' in page


def test_a_culture_without_decisions_has_no_section_on_them(outcome) -> None:
    assert not any("decisions" in s.heading for s in outcome.report.sections)
    assert replace(outcome.report, data=None).sections == tuple(outcome.report.questions)
