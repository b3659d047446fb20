"""Pay sheets as CSV and PDF: a table per unit, and the reconciliation of its duty days."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from fpdf import FPDF

from consumers.tukin.explain import month_name, rupiah
from consumers.tukin.settle import Line
from consumers.tukin.sheet import COLUMNS, Sheet, reconciled, sheets
from ops.cell import harmless

__all__ = ["csv_sheets", "pdf_sheets"]

_HEAD = ("No", "NIP", "Nama", "Gol.", "Kelas")


def csv_sheets(lines: Sequence[Line], month: str) -> str:
    """All sheets as one CSV: rows of employees, then a total per unit; rupiah as whole numbers."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["bulan", "unit", "no", "nip", "nama", "golongan", "kelas_jabatan", *COLUMNS, "keterangan"])
    for sheet in sheets(lines):
        for number, row in enumerate(sheet.rows, 1):
            amounts = ["" if row.amounts is None else row.amounts[name] for name in COLUMNS]
            who = (row.nip, row.nama, row.golongan, row.kelas_jabatan)
            writer.writerow([month, sheet.unit, number, *map(harmless, who), *amounts, row.note])
        totals = [sheet.totals[name] for name in COLUMNS]
        note = f"{sheet.errors} baris tanpa hitungan" if sheet.errors else ""
        writer.writerow([month, sheet.unit, "", "", "JUMLAH", "", "", *totals, note])
    return text.getvalue()


class _Page(FPDF):
    """A landscape page that says what it is and which page."""

    def __init__(self, title: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.title_line = title
        self.set_auto_page_break(auto=True, margin=12)
        self.set_margins(8, 8)

    def header(self) -> None:
        """Repeat the title."""
        self.set_font("Helvetica", "B", 10)
        self.cell(0, 6, _latin(self.title_line), new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        """Number the page."""
        self.set_y(-10)
        self.set_font("Helvetica", "", 7)
        self.cell(0, 5, f"halaman {self.page_no()}", align="R")


def pdf_sheets(lines: Sequence[Line], month: str, known: str, *, provisional: bool) -> bytes:
    """All sheets as a PDF: each unit begins a page; its duty days are reconciled behind it."""
    days = reconciled(lines)
    document = bytearray()
    page = _Page("")
    page.set_creation_date(datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC))
    for sheet in sheets(lines):
        state = " - SEMENTARA, bulan belum ditutup" if provisional else ""
        page.title_line = f"Daftar pembayaran TPP {month_name(month)} - {sheet.unit}{state} - data sampai {known}"
        page.add_page()
        _table(page, sheet)
        _reconciliation(page, {day: count for (day, unit), count in days.items() if unit == sheet.unit})
    if not page.page_no():
        page.title_line = f"Daftar pembayaran TPP {month_name(month)}: tidak ada pegawai"
        page.add_page()
    document += page.output()
    return bytes(document)


def _latin(text: str) -> str:
    """Text in the characters of the PDF's own fonts."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _table(page: _Page, sheet: Sheet) -> None:
    page.set_font("Helvetica", "", 6)
    with page.table(col_widths=(4, 15, 18, 6, 5, *(10,) * len(COLUMNS), 14), line_height=4) as table:
        table.row([_latin(cell) for cell in (*_HEAD, *COLUMNS.values(), "Keterangan")])
        for cells in _cells(sheet):
            table.row([_latin(cell) for cell in cells])


def _cells(sheet: Sheet) -> Iterator[list[str]]:
    for number, row in enumerate(sheet.rows, 1):
        amounts = [""] * len(COLUMNS) if row.amounts is None else [_plain(row.amounts[name]) for name in COLUMNS]
        yield [str(number), row.nip, row.nama, row.golongan, row.kelas_jabatan, *amounts, row.note]
    totals = [_plain(sheet.totals[name]) for name in COLUMNS]
    note = f"{sheet.errors} baris tanpa hitungan" if sheet.errors else ""
    yield ["", "", "JUMLAH", "", "", *totals, note]


def _plain(amount: int) -> str:
    return rupiah(amount).replace("Rp", "")


def _reconciliation(page: _Page, days: dict[date, Counter[str]]) -> None:
    """How many were on duty each day, and in which state each of them was."""
    states = sorted({state for count in days.values() for state in count})
    if not states:
        return
    page.ln(4)
    page.set_font("Helvetica", "", 6)
    page.cell(0, 4, "Rekonsiliasi hari dinas: jumlah wajib hadir = jumlah semua keadaan", new_x="LMARGIN", new_y="NEXT")
    with page.table(line_height=4) as table:
        table.row(["Tanggal", "Wajib", *(_latin(state) for state in states)])
        for day, count in sorted(days.items()):
            table.row([day.isoformat(), str(count.total()), *(str(count[state]) for state in states)])
