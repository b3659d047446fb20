"""What the chain reads: its reader schemas, and the node that each event belongs to."""

from __future__ import annotations

from schemas import Malformed

__all__ = ["PACKAGE_KINDS", "PREFIXES", "PROVINCE", "READS", "TIMED", "node_of"]

READS: dict[str, tuple[str, ...]] = {
    "UnitListed": ("kd_satker", "kd_satker_str", "nama_satker", "status_satker"),
    "ProgramListed": ("kd_satker", "kd_program_str", "nama_program", "pagu_program", "is_deleted"),
    "KegiatanListed": (
        "kd_satker",
        "kd_program",
        "kd_kegiatan_str",
        "nama_kegiatan",
        "pagu_kegiatan",
        "is_deleted",
    ),
    "SubKegiatanListed": (
        "kd_satker",
        "kd_kegiatan",
        "kd_subkegiatan_str",
        "nama_subkegiatan",
        "pagu_subkegiatan",
        "is_deleted",
    ),
    "UnitBudgetListed": ("kd_satker_str", "belanja_pengadaan", "total_belanja"),
    "PurchaseAnnounced": ("kd_satker_str", "nama_paket", "status_nontender", "pagu", "hps", "kd_rup", "mak"),
    "PurchaseCompleted": (
        "kd_satker_str",
        "nama_paket",
        "status_nontender",
        "pagu",
        "hps",
        "nilai_kontrak",
        "kd_rup",
        "mak",
    ),
    "TenderAnnounced": ("kd_satker_str", "nama_paket", "status_tender", "pagu", "hps", "kd_rup"),
    "TenderCompleted": ("kd_satker_str", "nama_paket", "status_tender", "pagu", "hps", "kd_rup", "mak"),
    "TenderAwarded": ("kd_satker", "nilai_kontrak", "kd_rup_paket", "pagu", "hps"),
    "CatalogueOrderPlaced": ("kd_satker_str", "rup_nama_pkt", "status_pkt", "total_harga", "kd_rup", "mak"),
    "AwardLetterIssued": ("kd_satker_str", "no_sppbj", "harga_final"),
    "ContractSigned": ("kd_satker_str", "nama_paket", "no_sppbj", "no_kontrak", "nilai_kontrak", "nip_ppk"),
    "WorkOrderIssued": ("kd_satker_str", "no_kontrak", "no_spmk_spp"),
    "HandoverRecorded": (
        "kd_satker_str",
        "no_kontrak",
        "no_bap",
        "no_bast",
        "nilai_kontrak",
        "besar_pembayaran",
    ),
    "ExportRead": ("source", "kind"),
}
"""Columns read, by event type."""

PACKAGE_KINDS = {"NT": "purchase", "T": "tender", "EC": "catalogue_order"}
"""Kinds of package by the prefix of their node."""

_PREFIX = {
    "UnitListed": "UNIT:",
    "ProgramListed": "PROGRAM:",
    "KegiatanListed": "KEGIATAN:",
    "SubKegiatanListed": "SUBKEGIATAN:",
    "UnitBudgetListed": "BUDGET:",
    "PurchaseAnnounced": "NT:",
    "PurchaseCompleted": "NT:",
    "TenderAnnounced": "T:",
    "TenderCompleted": "T:",
    "TenderAwarded": "T:",
    "CatalogueOrderPlaced": "EC:",
    "ExportRead": "EXPORT:",
}


PROVINCE = {
    "AnnualPlanSet": "sipd-renja-subkegiatan",
    "LineProposed": "sipd-rka",
    "PriceStandardSet": "sipd-ssh",
    "FundAssigned": "sipd-dana",
    "CashPlanSet": "sipd-anggaran-kas",
    "SpdLineIssued": "sipd-spd-detail",
    "Sp2dLineIssued": "sipd-sp2d-detail",
    "Sp2dIssued": "sipd-sp2d",
    "SpmIssued": "sipd-spm",
    "PenaltyWithheld": "sipd-spm-potongan",
    "SppFiled": "sipd-spp",
    "ProgressReported": "rfk-bulanan",
    "PackageAnnounced": "rup-paket-penyedia-terumumkan",
    "PackageFunded": "rup-paket-anggaran-penyedia",
    "BidSubmitted": "spse-tender-peserta",
    "AssetRegistered": "bmd-kib",
    "StaffAppointed": "siasn-pegawai",
    "StaffMoved": "siasn-riwayat-jabatan",
    "StaffRetired": "siasn-pemberhentian",
    "LetterRegistered": "srikandi-naskah",
    "LetterDisposed": "srikandi-penyusutan",
    "FindingIssued": "siptl-temuan",
    "RecommendationSet": "siptl-rekomendasi",
    "MoneyRecovered": "siptl-setoran",
    "AgreementSigned": "sakip-perjanjian",
    "TargetMeasured": "sakip-realisasi",
    "SkpRated": "skp-kinerja",
    "AllowancePaid": "tpp-bayar",
}
"""File kind by event type, of systems other than the procurement feed."""

TIMED = frozenset(
    {
        "BudgetAdopted", "CodeListed", "CodeTranslated", "PermitRequested", "PlanAdopted", "RetentionSet", "SpdIssued",
        "SppLineFiled", "StaffDisciplined", "UnitSucceeded", "VisitsCounted",
    }
)  # fmt: skip
"""Types of which only unit and times are read. Those of the topic of attendance are left to its own consumers: its
punches outnumber all else."""

PREFIXES = tuple(sorted({prefix for prefix in _PREFIX.values() if prefix != "EXPORT:"}))
"""What a source's own code may be the rest of, in a node's id."""


def node_of(event: str, key: str) -> str:
    """Node of an event. Events of e-delivery carry their package at the head of their key.

    Raises:
        Malformed: terminal; such a key has no package, or nothing behind it.

    >>> node_of("PurchaseCompleted", "10050366000"), node_of("ContractSigned", "NT:10050366000|602.1/02")
    ('NT:10050366000', 'NT:10050366000')
    """
    if event in PROVINCE or event in TIMED:
        return f"{event}:{key}"
    prefix = _PREFIX.get(event)
    if prefix is not None:
        return prefix + key
    package, _, number = key.partition("|")
    if not number or package.partition(":")[0] not in PACKAGE_KINDS:
        raise Malformed(f"the key of {event} is a package (NT:, T:, EC: and its code) and a number; this one is not")
    return package
