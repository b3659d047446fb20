"""The catalogue: every event type, its topic, its key, its version and its event time.

The schema of a type is ``<Event>.avsc``, below ``schemas/avro`` or in the ``avro`` folder of an adapter. A schema that
names its ``key`` says all there is to say of its type; of the others the table here says the rest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["CATALOGUE", "EXPORT_READ", "EventType", "avsc", "classification", "money_columns", "topics"]

_AVRO = Path(__file__).parent / "avro"
_ADAPTERS = Path(__file__).parents[1] / "adapters"
_FILES = {
    path.stem: path for root in (_AVRO, *sorted(_ADAPTERS.glob("*/avro"))) for path in sorted(root.rglob("*.avsc"))
}
"""Schema files by event type. Those of an adapter lie in its folder: data, so nothing is imported for them."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of fact.

    Attributes:
        name: Avro record name, an English past participle.
        context: part of the domain it belongs to; names the topic.
        key: what makes its business key, in words.
        version: column that numbers the versions of a key; empty where there is none.
        event_time: columns that say when it happened, first one stated wins; empty = true on every date.
        journal: it happens once and exports needn't list it again, so one that lacks it says nothing.
        personal_key: its key names a person, so text output leaves it out.
        key_columns: columns that make the key, in order, where a mapping table is all that its rows need.
    """

    name: str
    context: str
    key: str
    version: str = ""
    event_time: tuple[str, ...] = ()
    journal: bool = False
    personal_key: bool = False
    key_columns: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """CloudEvents type, ``grms.<context>.<Event>``."""
        return f"grms.{self.context}.{self.name}"

    @property
    def topic(self) -> str:
        """Topic, ``grms.<context>.v1``."""
        return f"grms.{self.context}.v1"

    @property
    def subject(self) -> str:
        """Registry subject by TopicRecordName."""
        return f"{self.topic}-{self.full_name}"


_PACKAGE = "package (NT:, T: or EC: and its code)"

_TYPES = (
    EventType("UnitListed", "perencanaan", "kd_satker_str"),
    EventType("ProgramListed", "perencanaan", "kd_program"),
    EventType("KegiatanListed", "perencanaan", "kd_kegiatan"),
    EventType("SubKegiatanListed", "perencanaan", "kd_subkegiatan"),
    EventType("UnitBudgetListed", "penganggaran", "kd_satker_str"),
    EventType("PurchaseAnnounced", "pengadaan", "kd_nontender", "versi_nontender", ("tgl_pengumuman_nontender",)),
    EventType(
        "PurchaseCompleted",
        "pengadaan",
        "kd_nontender",
        event_time=("tgl_selesai_nontender", "tgl_pengumuman_nontender"),
    ),
    EventType("TenderAnnounced", "pengadaan", "kd_tender", "versi_tender", ("tgl_pengumuman_tender",)),
    EventType("TenderCompleted", "pengadaan", "kd_tender", event_time=("tgl_penetapan_pemenang",)),
    EventType("TenderAwarded", "pengadaan", "kd_tender", event_time=("tgl_penetapan_pemenang",)),
    EventType("CatalogueOrderPlaced", "pengadaan", "kd_paket", event_time=("tgl_order",)),
    EventType("AwardLetterIssued", "pelaksanaan", f"{_PACKAGE}, no_sppbj", "versi_addendum", ("tgl_sppbj",)),
    EventType("ContractSigned", "pelaksanaan", f"{_PACKAGE}, no_kontrak", "versi_addendum", ("tgl_kontrak",)),
    EventType(
        "WorkOrderIssued",
        "pelaksanaan",
        f"{_PACKAGE}, no_kontrak, no_spmk_spp",
        "versi_addendum",
        ("tgl_spmk_spp",),
    ),
    EventType(
        "HandoverRecorded",
        "pelaksanaan",
        f"{_PACKAGE}, no_kontrak, no_bap (blank or -: no_bast), date of tgl_bap",
        event_time=("tgl_bap", "tgl_bast"),
    ),
    EventType(
        "AttendancePunched", "kehadiran", "device, PIN, time", event_time=("time",), journal=True, personal_key=True
    ),
    EventType("CalendarDayDeclared", "kehadiran", "date, kind", event_time=("date",)),
    EventType("DutyRostered", "kehadiran", "nip, date", event_time=("date",), personal_key=True),
    EventType("ExcuseFiled", "kehadiran", "id", event_time=("date_from",)),
    EventType("EmployeeListed", "kepegawaian", "nip, tmt_start", event_time=("tmt_start",), personal_key=True),
    EventType("SanctionImposed", "kepegawaian", "id", event_time=("start_month",)),
    EventType("ClassAmountSet", "kepegawaian", "table, kelas, berlaku", event_time=("berlaku",)),
    EventType("PolicyPublished", "kepegawaian", "id", event_time=("berlaku",)),
    EventType("PolicyBookPublished", "kepegawaian", "id"),
    EventType("MonthClosed", "kepegawaian", "month", event_time=("closed_on",), journal=True),
    EventType("ExportRead", "bus", "source and file kind"),
)


def _told(text: str) -> EventType | None:
    """The event type that a schema tells of whole; None if it leaves the key to the table."""
    schema = json.loads(text)
    if "key" not in schema:
        return None
    return EventType(
        name=schema["name"],
        context=schema["namespace"].removeprefix("grms."),
        key=", ".join(schema["key"]),
        version=schema.get("version", ""),
        event_time=tuple(schema.get("event_time", ())),
        personal_key=schema.get("personal_key", False),
        key_columns=tuple(schema["key"]),
    )


_TOLD = filter(None, (_told(path.read_text(encoding="utf-8")) for _, path in sorted(_FILES.items())))

CATALOGUE: dict[str, EventType] = {event_type.name: event_type for event_type in (*_TYPES, *_TOLD)}
"""Every event type by its name."""

EXPORT_READ = CATALOGUE["ExportRead"]


def topics() -> list[str]:
    """All topics, sorted."""
    return sorted({event_type.topic for event_type in CATALOGUE.values()})


@cache
def avsc(name: str) -> str:
    """Text of the current schema of an event type, by its name."""
    return _FILES[name].read_text(encoding="utf-8")


@cache
def classification(name: str) -> dict[str, str]:
    """Classification of each field of an event type: public, internal, personal or specific."""
    return {field["name"]: field["classification"] for field in json.loads(avsc(name))["fields"]}


@cache
def money_columns(name: str) -> list[str]:
    """Columns of an event type that hold amounts of rupiah."""
    return [field["name"] for field in json.loads(avsc(name))["fields"] if "decimal" in str(field["type"])]
