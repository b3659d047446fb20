"""Words of the sources and their codes in the standard's closed lists. A word that is not here gives no code."""

from __future__ import annotations

__all__ = ["AWARD_STATUS", "CONTRACT_STATUS", "METHOD", "TENDER_STATUS", "category"]

TENDER_STATUS = {"Selesai": "complete", "Berlangsung": "active", "Gagal/Batal": "unsuccessful"}
"""``tenderStatus``. Gagal/Batal says failed or cancelled; both end without a winner."""

AWARD_STATUS = {"Selesai": "active", "Berlangsung": "pending"}
"""``awardStatus``, by the state of the purchase."""

CONTRACT_STATUS = {"Kontrak Sedang Berjalan": "active", "Kontrak Selesai": "terminated"}
"""``contractStatus``; terminated = has come to its end, in whatever way."""

METHOD = {
    "Tender": "open",
    "Seleksi": "open",
    "Pengadaan Langsung": "direct",
    "Penunjukan Langsung": "direct",
}
"""``method``. Of E-Purchasing it is left open: the list knows no purchase from a catalogue."""

_CATEGORIES = (
    ("Pengadaan Barang", "goods"),
    ("Barang", "goods"),
    ("Pekerjaan Konstruksi", "works"),
    ("Jasa", "services"),
)


def category(text: str | None) -> str | None:
    """``procurementCategory`` of a kind of procurement.

    >>> category("Jasa Konsultansi Badan Usaha Konstruksi"), category("Pekerjaan Terintegrasi")
    ('services', None)
    """
    return next((code for begin, code in _CATEGORIES if text and text.startswith(begin)), None)
