"""What one row says in the words of the standard. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from consumers.ocds.codes import AWARD_STATUS, CONTRACT_STATUS, METHOD, TENDER_STATUS, category
from consumers.ocds.rowtext import RowText, given
from schemas.personal import struck

__all__ = ["Place", "section"]

Section = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row belongs.

    Attributes:
        process: id of its package within the process: tender and award bear it, too.
        contract: id of the contract that it speaks of; empty = of none.
        part: what of the contract it is: the rest of its key.
        rup: ocid of a RUP package, by its code.
    """

    process: str
    contract: str
    part: str
    rup: Callable[[str], str]


def section(row: RowText, place: Place) -> Section:
    """What a row says, without the fields that every release has."""
    return _SECTIONS[row.said.event](row, place)


def _unit(row: RowText) -> dict[str, Any] | None:
    """The buying unit; its code in the regional budget is its id."""
    code = row.text("kd_satker_str")
    return given(id=code, name=row.text("nama_satker")) if code else None


def _provider(row: RowText) -> dict[str, Any] | None:
    """The provider goes by its name: its numbers are internal or personal."""
    name = row.text("nama_penyedia")
    return {"id": f"penyedia:{' '.join(name.upper().split())}", "name": name} if name else None


def _buyer(row: RowText) -> Section:
    unit = _unit(row)
    if unit is None:
        return {}
    party = {**unit, "identifier": given(id=unit["id"], legalName=unit.get("name"))}
    return {"buyer": unit, "parties": [{**party, "roles": ["buyer", "procuringEntity"]}]}


def _supplied(found: Section, provider: dict[str, Any] | None) -> Section:
    """A section with its supplier among the parties."""
    if provider is None:
        return found
    return {**found, "parties": [*found.get("parties", ()), {**provider, "roles": ["supplier"]}]}


def _planned(row: RowText, place: Place) -> Section:
    """A package of the procurement plan."""
    cancelled = row.text("status_aktif_rup") == "false" or row.text("status_delete_rup") == "true"
    kind, method = row.text("jenis_pengadaan"), row.text("metode_pengadaan")
    tender = given(
        id=place.process,
        title=row.text("nama_paket"),
        description=row.text("urarian_pekerjaan"),
        status="cancelled" if cancelled else "planned",
        procuringEntity=_unit(row),
        procurementMethod=METHOD.get(method or ""),
        procurementMethodDetails=method,
        mainProcurementCategory=category(kind),
        additionalProcurementCategories=[kind] if kind else None,
        tenderPeriod=row.period("tgl_awal_pemilihan", "tgl_akhir_pemilihan"),
        contractPeriod=row.period("tgl_awal_kontrak", "tgl_akhir_kontrak"),
    )
    return {**_buyer(row), **given(planning=given(budget=given(amount=row.value("pagu")))), "tender": tender}


def _related(place: Place, codes: list[str]) -> list[dict[str, Any]]:
    """The RUP packages that a package carries out."""
    return [
        {"id": code, "relationship": ["planning"], "scheme": "ocid", "identifier": place.rup(code)} for code in codes
    ]


def _planning(row: RowText, pagu: dict[str, Any] | None, maks: list[str]) -> Section:
    line = maks[0] if len(maks) == 1 else None
    return given(budget=given(id=line, description=row.text("sumber_dana"), amount=pagu))


def _procured(row: RowText, place: Place, status: str, announced: str, maks: list[str]) -> Section:
    """A direct purchase or a tender, by its announcement or by the row that closed it."""
    kind, method = row.text("jenis_pengadaan"), row.text("mtd_pemilihan")
    notice = given(
        id="pengumuman",
        documentType="tenderNotice",
        url=row.web("url_lpse"),
        datePublished=row.moment(announced),
    )
    tender = given(
        id=place.process,
        title=row.text("nama_paket"),
        status=TENDER_STATUS.get(row.text(status) or ""),
        procuringEntity=_unit(row),
        value=row.value("hps"),
        procurementMethod=METHOD.get(method or ""),
        procurementMethodDetails=method,
        mainProcurementCategory=category(kind),
        additionalProcurementCategories=[kind] if kind else None,
        eligibilityCriteria=row.text("kualifikasi_paket"),
        documents=[notice] if "datePublished" in notice else None,
    )
    return {
        **_buyer(row),
        **given(
            planning=_planning(row, row.value("pagu"), maks),
            relatedProcesses=_related(place, row.texts("kd_rup")),
        ),
        "tender": tender,
    }


def _purchase(row: RowText, place: Place) -> Section:
    return _procured(row, place, "status_nontender", "tgl_pengumuman_nontender", row.texts("mak"))


def _completed_purchase(row: RowText, place: Place) -> Section:
    provider = _provider(row)
    state = row.text("status_nontender") or ""
    award = _award(row, place, provider, (AWARD_STATUS.get(state), "tgl_selesai_nontender", "nilai_kontrak"))
    return _supplied({**_purchase(row, place), **award}, provider)


def _tender(row: RowText, place: Place) -> Section:
    maks = row.texts("mak") if "mak" in row.said.columns else []
    found = _procured(row, place, "status_tender", "tgl_pengumuman_tender", maks)
    criteria = given(awardCriteriaDetails=row.text("mtd_evaluasi"))
    return {**found, "tender": {**found["tender"], **criteria}}


def _award(
    row: RowText, place: Place, provider: dict[str, Any] | None, told: tuple[str | None, str, str], **more: str | None
) -> Section:
    """The award, given as its status and the columns of its date and value; none without provider and value."""
    status, date, value = told
    found = given(status=status, date=row.moment(date), value=row.value(value), **more)
    if provider is None and "value" not in found:
        return {}
    return {"awards": [{"id": place.process, **found, **given(suppliers=[provider] if provider else None)}]}


def _awarded(row: RowText, place: Place) -> Section:
    """The winner of a tender."""
    provider = _provider(row)
    award = _award(row, place, provider, ("pending", "tgl_penetapan_pemenang", "nilai_kontrak"))
    related = given(relatedProcesses=_related(place, row.texts("kd_rup_paket")))
    return _supplied({**related, **award}, provider)


def _letter(row: RowText, place: Place) -> Section:
    """The award letter settles the award of its package."""
    provider = _provider(row)
    return _supplied(_award(row, place, provider, ("active", "tgl_sppbj", "harga_final")), provider)


def _ordered(row: RowText, place: Place) -> Section:
    """An order of the e-catalogue is tender and award in one."""
    tender = given(
        id=place.process,
        title=row.text("rup_nama_pkt"),
        status="complete",
        procuringEntity=_unit(row),
        procurementMethodDetails="E-Purchasing",
    )
    planning = _planning(row, None, row.texts("mak"))
    return {
        **_buyer(row),
        **given(planning=planning, relatedProcesses=_related(place, row.texts("kd_rup"))),
        "tender": tender,
        **_award(row, place, None, ("active", "tgl_order", "total_harga")),
    }


def _contract(place: Place, **parts: Any) -> Section:  # noqa: ANN401 - JSON values
    return {"contracts": [{"id": struck(place.contract), "awardID": place.process, **given(**parts)}]}


_ORIGINAL = ("", "0")


def _signed(row: RowText, place: Place) -> Section:
    """A contract, or an addendum to it."""
    said = row.said
    amended = said.version.strip() not in _ORIGINAL
    signed = row.moment("tgl_kontrak")
    amendment = given(id=said.version.strip(), date=signed, rationale=row.text("alasan_addendum"))
    found = _contract(
        place,
        title=row.text("nama_paket"),
        description=row.text("no_kontrak"),
        status=CONTRACT_STATUS.get(row.text("status_kontrak") or ""),
        value=row.value("nilai_kontrak"),
        dateSigned=None if amended else signed,
        amendments=[amendment] if amended else None,
    )
    return _supplied(found, _provider(row))


def _started(row: RowText, place: Place) -> Section:
    """A work order says from when to when the work goes on."""
    return _contract(place, period=row.period("tgl_mulai_pekerjaan", "tgl_selesai_pekerjaan"))


def _handed_over(row: RowText, place: Place) -> Section:
    """A hand-over and the payment that it approves."""
    progress, unit, provider = row.text("progres_pekerjaan"), _unit(row), _provider(row)
    reached = row.moment("tgl_bast")
    milestone = given(
        id=struck(place.part),
        type="delivery",
        title=row.text("no_bast"),
        description=f"Progres pekerjaan {progress} %" if progress else None,
        dateMet=reached,
        status="met" if reached else None,
    )
    payment = None
    if row.said.columns["besar_pembayaran"]:
        payment = given(
            id=struck(place.part),
            date=row.moment("tgl_bap"),
            value=row.value("besar_pembayaran"),
            payer=unit,
            payee=provider,
        )
    done = given(milestones=[milestone], transactions=[payment] if payment else None)
    parties = [
        {**party, "roles": [role]}
        for party, role in ((unit, "payer"), (provider, "payee"))
        if party is not None and payment
    ]
    return {**given(parties=parties), **_contract(place, implementation=done)}


_SECTIONS: Mapping[str, Callable[[RowText, Place], Section]] = {
    "PackageAnnounced": _planned,
    "PurchaseAnnounced": _purchase,
    "TenderAnnounced": _tender,
    "CatalogueOrderPlaced": _ordered,
    "PurchaseCompleted": _completed_purchase,
    "TenderCompleted": _tender,
    "TenderAwarded": _awarded,
    "AwardLetterIssued": _letter,
    "ContractSigned": _signed,
    "WorkOrderIssued": _started,
    "HandoverRecorded": _handed_over,
}
