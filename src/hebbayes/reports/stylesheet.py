"""The look of a page: light and dark, from 360 pixels to paper.

Nothing on a page scrolls sideways except a figure wider than a telephone.  Tables turn into cards
on narrow screens; `hebbayes.reports.tables` splits those that are too wide for paper.
"""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #d5d5d5; --soft: #5f5f5f;
  --tint: #f3f6f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181b; --line: #3a3d42;
  --soft: #a8a8a8; --tint: #20242a; } }
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
h3, caption { font-size: 1rem; font-weight: 600; text-align: left; margin: 1rem 0 .3rem; }
p, li, dd { max-width: 45rem; }
.answer { font-size: 1.15rem; background: var(--tint); border-left: 4px solid #0072B2;
  padding: .8rem 1rem; max-width: none; }
.basis { font-size: .92rem; padding-left: 1.2rem; } .basis li { margin: .25rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem;
  margin: .8rem 0; }
caption { padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0;
  border-bottom: 1px solid var(--line); }
thead th, td { overflow-wrap: break-word; }
thead th { vertical-align: bottom; } tbody th { font-weight: 400; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
figure { margin: .8rem 0; flex: 1 1 100%; min-width: 0; overflow-x: auto; }
figure.narrow { flex: 1 1 18rem; max-width: 30rem; }
figure svg { display: block; width: 100%; height: auto; }
figure.wide svg { min-width: 34rem; }
figcaption { color: var(--soft); font-size: .85rem; max-width: 45rem; margin-top: .3rem; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem 0; }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--soft); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; }
@media (max-width: 40rem) {
  body { margin: 1rem auto; } h1 { font-size: 1.25rem; }
  table, tbody, tr, th, td, caption { display: block; } thead { display: none; }
  tr { border-bottom: 1px solid var(--line); padding: .4rem 0; }
  th, td { border: 0; padding: .05rem 0; }
  tbody th { font-weight: 600; }
  td { display: flex; gap: .6rem; justify-content: space-between; }
  td::before { content: attr(data-label); color: var(--soft); }
}
@media print {
  :root { --ink: #000; --paper: #fff; --line: #bbb; --soft: #333; --tint: #fff; }
  @page { margin: 15mm; }
  body { font-size: 10pt; margin: 0; padding: 0; max-width: none; }
  figure, tr, .answer { break-inside: avoid; } h2, h3, caption { break-after: avoid; }
  figure { overflow: visible; } figure.wide svg { min-width: 0; }
  figure.narrow { flex: 0 1 88mm; }
  table { font-size: 8.5pt; } th, td { padding-right: .6rem; }
  thead { display: table-header-group; } details { display: none; }
}
"""
