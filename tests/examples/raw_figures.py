"""The same figures computed a second way: straight from the raw files, without the product."""

from __future__ import annotations

import csv
import sqlite3
from collections import defaultdict
from decimal import Decimal
from pathlib import Path


def retail_rows(data: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted((data / "online_retail").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows.extend(csv.DictReader(stream))
    return rows


def retail_totals(data: Path) -> dict[str, Decimal]:
    """Quantity x price over all rows of every document that names a customer."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in retail_rows(data):
        if row["CustomerID"]:
            totals[row["InvoiceNo"]] += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
    return dict(totals)


def chinook_totals(data: Path) -> dict[str, tuple[Decimal, Decimal]]:
    """(stated total, sum of lines) of every invoice, summed in whole cents by SQLite."""
    query = """
        SELECT i.InvoiceId, CAST(ROUND(i.Total * 100) AS INTEGER),
               SUM(CAST(ROUND(l.UnitPrice * 100) AS INTEGER) * l.Quantity)
        FROM Invoice AS i JOIN InvoiceLine AS l USING (InvoiceId) GROUP BY i.InvoiceId
    """
    with sqlite3.connect(f"file:{data}/chinook/chinook.sqlite?mode=ro", uri=True) as connection:
        rows = connection.execute(query).fetchall()
    return {str(n): (Decimal(stated) / 100, Decimal(lines) / 100) for n, stated, lines in rows}
