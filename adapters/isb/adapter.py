"""The feed as an adapter: the files that it has a reader for, and the bids of tenders, which are a plain table."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.adapter import Adapter, Setting, Tell
from adapters.isb import feed
from adapters.isb.layouts import KINDS
from adapters.jsonrows import Reads
from adapters.layout import layout
from adapters.tables import Tables
from bus.intake import Rejected, Stated

__all__ = ["ADAPTER"]

_BIDS = layout(
    "spse-tender-peserta",
    "BidSubmitted",
    "procurement",
    "tahun_anggaran:n kd_klpd kd_satker kd_satker_str:unit kd_lpse:digits kd_tender:digits "
    "kd_pkt_dce:digits? kd_peserta:digits kd_penyedia:digits nama_penyedia:words npwp_penyedia? "
    "npwp_penyedia_16? nilai_penawaran:m? nilai_terkoreksi:m? pemenang:{1|0} "
    "pemenang_terverifikasi:{1|0} alasan?",
    unit="kd_satker_str",
    form="json",
)
_TABLES = Tables({_BIDS.kind: _BIDS})


def _read_file(stream: Reads, kind: str, setting: Setting, tell: Tell) -> Iterator[Stated | Rejected]:
    if kind in _TABLES.layouts:
        return _TABLES.read_file(stream, kind, setting, tell)
    return feed.read_file(stream, file=setting.file, kind=kind, zone=setting.zone, observed=setting.observed, tell=tell)


def _read_original(original: bytes, kind: str, setting: Setting) -> Stated | Rejected:
    if kind in _TABLES.layouts:
        return _TABLES.read_original(original, kind, setting)
    return feed.read_original(original, file=setting.file, kind=kind, zone=setting.zone, observed=setting.observed)


ADAPTER = Adapter(
    "isb",
    "LKPP ISB: SiRUP, SPSE, e-Kontrak, e-catalogue 6",
    (*KINDS, _BIDS.file_kind("isb")),
    _read_file,
    _read_original,
    _TABLES.layouts,
    ("E-Proc", "e-Procurement"),
)
