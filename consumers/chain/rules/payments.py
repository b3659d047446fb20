"""Rules 18a, 18b, 19 and 24c: SPP, SPM and SP2D. Pure.

Source: ``integrity-rules`` sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from consumers.chain.rules.books import Books, Row
from consumers.chain.rules.contracts import Contract, contract_at, package_kind
from consumers.chain.rules.hits import Hit, hit
from consumers.chain.rules.reading import digits, exceeds, norm

__all__ = ["sp2d_rules", "spm_rules", "spp_rules", "unit_orders"]

_TAX_IDS = ("npwp_penyedia", "npwp16_penyedia", "npwp_16_penyedia", "npwp_penyedia_16")


def spm_rules(books: Books, name: str) -> Iterator[Hit]:
    """18a: an SPM within its SPP."""
    for spm in books.current("sipd-spm", "id", name):
        spp = books.one("sipd-spp", "id", spm.text("idSpp"))
        if spp is not None and exceeds(spm.amount("nilaiSpm"), spp.amount("nilaiSpp")):
            over = spm.amount("nilaiSpm") - spp.amount("nilaiSpp")
            told = f"SPM of {spm.amount('nilaiSpm')}, its SPP is {spp.amount('nilaiSpp')}"
            yield hit("18a", name, spm.text("kode_sub_skpd"), over, told, [spm, spp])


def sp2d_rules(books: Books, name: str) -> Iterator[Hit]:
    """18b: an SP2D within its SPM; 24c: it is in the archive."""
    for sp2d in books.current("sipd-sp2d", "id", name):
        if sp2d.text("deleted_at"):
            continue
        unit = sp2d.text("kode_sub_skpd")
        spm = books.one("sipd-spm", "id", sp2d.text("id_spm"))
        if spm is not None and exceeds(sp2d.amount("nilai_sp_2_d"), spm.amount("nilaiSpm")):
            over = sp2d.amount("nilai_sp_2_d") - spm.amount("nilaiSpm")
            told = f"SP2D of {sp2d.amount('nilai_sp_2_d')}, its SPM is {spm.amount('nilaiSpm')}"
            yield hit("18b", name, unit, over, told, [sp2d, spm])
        number = norm(sp2d.columns.get("nomor_sp_2_d"))
        archived = number and books.rows("srikandi-naskah", "number", f"{unit}|{number}")
        if books.has("srikandi-naskah") and not archived:
            yield hit("24c", name, unit, None, f"no letter {number} in the archive", [sp2d])


def spp_rules(books: Books, name: str) -> Iterator[Hit]:
    """19: a payment for goods or services rests on a contract, its hand-over and its provider."""
    for spp in books.current("sipd-spp", "id", name):
        if spp.text("jenisSpp") != "LS" or spp.text("jenisLs") != "Barang dan Jasa":
            continue
        unit, number = spp.text("kode_sub_skpd"), norm(spp.columns.get("nomorKontrak"))
        contract = contract_at(books, unit, number)
        if contract is not None:
            yield from _of_contract(books, spp, contract)
        elif _checkable(books) and not _ordered(books, unit, number):
            told = (
                f"contract number {number} is known in no unit's contract or order" if number else "no contract number"
            )
            yield hit("19a", name, unit, spp.amount("nilaiSpp"), told, [spp])


def _checkable(books: Books) -> bool:
    return books.has("spse-nontender-kontrak", "spse-tender-kontrak", "ecat-paket-v6")


def unit_orders(books: Books, unit: str) -> frozenset[str]:
    """Codes of a unit's orders, normalised."""
    codes = (norm(row.columns.get("kd_paket")) for row in books.rows("ecat-paket-v6", "unit", unit))
    return frozenset(code for code in codes if code)


def _ordered(books: Books, unit: str, number: str) -> bool:
    """A number contains the code of an order of the unit."""
    if not number or not unit:
        return False
    codes = books.share(unit_orders, unit)
    lengths = books.keep("lengths", unit, lambda: {len(code) for code in codes})
    return any(number[at : at + length] in codes for length in lengths for at in range(len(number) - length + 1))


def _of_contract(books: Books, spp: Row, contract: Contract) -> Iterator[Hit]:
    name, unit, amount = spp.text("idSpp"), spp.text("kode_sub_skpd"), spp.amount("nilaiSpp")
    if books.has(package_kind(contract.package, "bapbast")) and not _delivered(spp, contract):
        told = f"no hand-over of {contract.key} with minutes {norm(spp.columns.get('nomorBA'))} by then"
        yield hit("19b", name, unit, amount, told, [spp, *contract.handovers])
    current = contract.current
    tax_id = digits(spp.text("npwpPenerimaSpp"))
    if not tax_id or tax_id not in {digits(current.text(column)) for column in _TAX_IDS}:
        yield hit("19c", name, unit, amount, f"the payee's tax id is not that of {contract.key}", [spp, current])
    account = digits(spp.text("nomorRekeningPenerimaSpp"))
    if account != digits(current.text("no_rek_bank")):
        yield hit("19d", name, unit, amount, f"the payee's account is not that of {contract.key}", [spp, current])


def _delivered(spp: Row, contract: Contract) -> bool:
    minutes, filed = norm(spp.columns.get("nomorBA")), spp.day("tanggalSpp")
    for row in contract.handovers:
        if not minutes or norm(row.columns.get("no_bap")) != minutes:
            continue
        delivered = row.day("tgl_bast")
        if (delivered is not None and filed is not None and delivered <= filed) or row.number("progres_pekerjaan") == 0:
            return True
    return False
