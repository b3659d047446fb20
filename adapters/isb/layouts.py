"""Layouts of the 18 files of the LKPP ISB feed: which event a row becomes, its key, version and times.

Source: the feed itself (real rows, 2025) and the design's table of types, keys and event times.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.files import FileKind

__all__ = ["KINDS", "LAYOUTS", "Layout"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a row of one file kind is read.

    Attributes:
        key: columns that make the key, in order. ``number:`` = document number (white space removed, upper
            case); ``minutes:`` = no_bap, where blank or ``-`` no_bast; ``date:`` = calendar date as written,
            may be blank.
        package: prefix of the package (``NT``, ``T``) where the key's first part is one.
        marks: columns that a row of this kind has and rows of the other kinds lack: they tell a file of
            another kind under this name. One that is null may be absent.
        unit: column with the unit's code.
    """

    kind: str
    event: str
    stage: str
    key: tuple[str, ...]
    marks: tuple[str, ...]
    package: str = ""
    unit: str = "kd_satker_str"

    @property
    def key_columns(self) -> list[str]:
        """Columns without which there is no key: those that may be blank, or have a substitute, are left out."""
        parts = (part.rpartition(":") for part in self.key)
        return [column for how, _, column in parts if how not in {"minutes", "date"}]


_MASTERS = (
    Layout("rup-master-satker", "UnitListed", "planning", ("kd_satker_str",), ("status_satker", "nama_satker")),
    Layout(
        "rup-program-master",
        "ProgramListed",
        "planning",
        ("kd_program",),
        ("kd_program_str", "pagu_program"),
        unit="",
    ),
    Layout(
        "rup-kegiatan-master",
        "KegiatanListed",
        "planning",
        ("kd_kegiatan",),
        ("kd_kegiatan_str", "pagu_kegiatan"),
        unit="",
    ),
    Layout(
        "rup-subkegiatan-master",
        "SubKegiatanListed",
        "planning",
        ("kd_subkegiatan",),
        ("kd_subkegiatan_str", "pagu_subkegiatan"),
        unit="",
    ),
    Layout(
        "rup-struktur-anggaran-pd",
        "UnitBudgetListed",
        "budgeting",
        ("kd_satker_str",),
        ("nama_satker", "total_belanja"),
    ),
)

_PROCUREMENT = (
    Layout(
        "spse-nontender-pengumuman",
        "PurchaseAnnounced",
        "procurement",
        ("kd_nontender",),
        ("versi_nontender", "hps"),
    ),
    Layout(
        "spse-nontender-selesai",
        "PurchaseCompleted",
        "procurement",
        ("kd_nontender",),
        ("tgl_selesai_nontender", "nilai_kontrak"),
    ),
    Layout("spse-tender-pengumuman", "TenderAnnounced", "procurement", ("kd_tender",), ("versi_tender", "hps")),
    Layout(
        "spse-tender-selesai-nilai",
        "TenderAwarded",
        "procurement",
        ("kd_tender",),
        ("nilai_penawaran", "tgl_penetapan_pemenang"),
        unit="kd_satker",
    ),
    Layout(
        "spse-tender-selesai",
        "TenderCompleted",
        "procurement",
        ("kd_tender",),
        ("tgl_penetapan_pemenang", "status_tender"),
    ),
    Layout("ecat-paket-v6", "CatalogueOrderPlaced", "procurement", ("kd_paket",), ("tgl_order", "total_harga")),
)


def _delivery(prefix: str, package: str, code: str) -> tuple[Layout, ...]:
    """The four e-Kontrak files, the same for direct purchases and tenders."""
    stage = "delivery"
    return (
        Layout(
            f"{prefix}-sppbj",
            "AwardLetterIssued",
            stage,
            (code, "number:no_sppbj"),
            ("no_sppbj", "harga_final"),
            package,
        ),
        Layout(
            f"{prefix}-kontrak",
            "ContractSigned",
            stage,
            (code, "number:no_kontrak"),
            ("no_kontrak", "nilai_kontrak", "jenis_kontrak"),
            package,
        ),
        Layout(
            f"{prefix}-spmk",
            "WorkOrderIssued",
            stage,
            (code, "number:no_kontrak", "number:no_spmk_spp"),
            ("no_spmk_spp", "tgl_spmk_spp"),
            package,
        ),
        Layout(
            f"{prefix}-bapbast",
            "HandoverRecorded",
            stage,
            (code, "number:no_kontrak", "minutes:no_bap", "date:tgl_bap"),
            ("besar_pembayaran", "no_bap", "no_bast"),
            package,
        ),
    )


LAYOUTS = {
    layout.kind: layout
    for layout in (
        *_MASTERS,
        *_PROCUREMENT,
        *_delivery("spse-nontender", "NT", "kd_nontender"),
        *_delivery("spse-tender", "T", "kd_tender"),
    )
}
"""Every layout by its file kind."""

KINDS = tuple(
    FileKind(
        source="isb",
        name=layout.kind,
        pattern=rf"{layout.kind}([-_.]?\d[\d-]*)?\.json(\.gz)?",
        stage=layout.stage,
        event=layout.event,
        shown=f"{layout.kind}.json",
    )
    for layout in LAYOUTS.values()
)
