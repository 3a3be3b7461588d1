"""Faults as a page: one file, nothing loaded, nothing that runs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from geoinc.reports import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The colours of the map: ink on paper.
_STYLE = """
:root { color-scheme: light dark; --ink: #23272E; --quiet: #5B616A; --line: #E4E1D8; --paper: #fff; --ground: #FBFAF6;
  --error: #A32A2A; --warning: #8A4B00; --note: #5B616A; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #E8EAED; --quiet: #A9B0BA; --line: #363C45;
  --paper: #1B2026; --ground: #22282F; --error: #FF9B91; --warning: #F2B366; --note: #A9B0BA; } }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 "Noto Sans", "Segoe UI", system-ui, Roboto, "Liberation Sans", "Noto Sans Arabic", Arial, sans-serif; }
h1 { margin: 0 0 .2rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; color: var(--quiet); }
table { width: 100%; border-collapse: collapse; background: var(--paper); border: 1px solid var(--line); }
th, td { padding: .5rem .7rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top;
  overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-size: 13px; font-weight: 600; overflow-wrap: normal; }
tbody th { text-align: end; font-variant-numeric: tabular-nums; font-weight: 600; overflow-wrap: normal; }
td b { display: block; overflow-wrap: normal; }
td small { display: block; color: var(--quiet); font-size: 13px; }
.error b { color: var(--error); } .warning b { color: var(--warning); } .note b { color: var(--note); }
@media (max-width: 40rem) { thead { display: none; } tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  th, td { display: block; padding: .15rem .7rem; border: 0; } tbody th { text-align: start; } tbody th::before { content: "Row "; } }
@media print { body { max-width: none; background: none; font-size: 10pt; } tr { break-inside: avoid; } }
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p>{summary}</p>
{table}</body>
</html>
"""

_TABLE = """<table>
<thead><tr><th scope="col">Row</th><th scope="col">Fault</th><th scope="col">The table says</th>\
<th scope="col">Against that</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
"""


def faults_page(faults: pd.DataFrame, *, source: str, rows: int) -> str:
    """Return faults as a page to read, print or send.

    Parameters
    ----------
    faults : pandas.DataFrame
        From `check`.
    source : str
        What was checked, for the title.
    rows : int
        How many rows it has.

    Returns
    -------
    str
        HTML, all text of the table escaped; the page loads and runs nothing.
    """
    grades = faults["severity"].value_counts()
    found = [
        f"{grades[grade]:,} {grade}{'s' if grades[grade] > 1 else ''}"
        for grade in ("error", "warning", "note")
        if grade in grades
    ]
    summary = f"{rows:,} rows: {', '.join(found)}." if found else f"No faults in {rows:,} rows."
    return _PAGE.format(
        title=escape(f"Faults of {source}"),
        style=_STYLE,
        summary=summary,
        table=_TABLE.format(rows="".join(_rows(faults))) if found else "",
    )


def _rows(faults: pd.DataFrame) -> Iterator[str]:
    columns = ("kind", "severity", "stated", "value", "column", "against")
    for row, *cells in zip(
        faults["row"], *(text_of(faults, name) for name in columns), strict=True
    ):
        kind, severity, stated, value, column, against = map(escape, cells)
        number = "" if pd.isna(row) else str(row)
        yield (
            f'<tr class="{severity}"><th scope="row">{number}</th>'
            f"<td><b>{kind}</b><small>{severity}</small></td>"
            f"<td>{stated or value}<small>{column}</small></td><td>{against}</td></tr>\n"
        )
