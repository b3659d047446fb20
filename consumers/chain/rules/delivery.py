"""Rules 9b, 12-17, 20, 22, 23a, 24a and 24b, of one contract. Pure.

Source: ``integrity-rules`` sections 2 to 5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from consumers.chain.rules.books import Books, Row, content_order
from consumers.chain.rules.budget import bridge_line
from consumers.chain.rules.contracts import (
    Contract,
    codes_of,
    contracts_of,
    package_kind,
    sp2ds_of,
    spms_of,
    version,
)
from consumers.chain.rules.hits import Hit, hit
from consumers.chain.rules.reading import ZERO, differs, exceeds, norm
from schemas.values import version_order

__all__ = ["contract_rules"]

_MONTH = timedelta(days=30)
_ADDED_WORK = Decimal("1.10")
_SLACK = Decimal(5)
"""Points that payment may run ahead of progress."""
_LARGEST_ADVANCE = Decimal(30)
_FULL = Decimal(100)
_FIRST_ADDENDUM = version_order("1")


def contract_rules(books: Books, package: str) -> Iterator[Hit]:
    """All rules about the contracts of a package."""
    for contract in contracts_of(books, package):
        for rule in _RULES:
            yield from rule(books, contract)


def _estimate(books: Books, contract: Contract) -> Iterator[Hit]:
    """9b: signed above the estimate."""
    announced = books.one(package_kind(contract.package, "pengumuman"), "package", contract.package)
    if announced is None:
        return
    hps = announced.amount("hps")
    if contract.v0 > hps:
        told = f"signed for {contract.v0}, estimate {hps}"
        yield hit("9b", contract.key, contract.unit, contract.v0 - hps, told, [contract.first, announced])


def _award(books: Books, contract: Contract) -> Row | None:
    """The award letter that the first row names."""
    number = norm(contract.first.columns.get("no_sppbj"))
    rows = [
        row
        for row in books.rows(package_kind(contract.package, "sppbj"), "package", contract.package)
        if number and norm(row.columns.get("no_sppbj")) == number
    ]
    return min(rows, key=lambda row: (version(row), content_order(row.columns)), default=None)


def _after(left: date | None, right: date | None) -> bool:
    return left is not None and right is not None and left > right


def _dates(books: Books, contract: Contract) -> Iterator[Hit]:
    """12: award, contract, start, hand-over and payment minutes follow each other."""
    key, unit = contract.key, contract.unit
    award = _award(books, contract)
    signed = contract.first.day("tgl_kontrak")
    awarded = award.day("tgl_sppbj") if award else None
    if _after(awarded, signed):
        told = f"award letter of {awarded} is later than the contract of {signed}"
        yield hit("12a", key, unit, None, told, [award, contract.first])
    started = min((when for row in contract.work_orders if (when := row.day("tgl_spmk_spp"))), default=None)
    if _after(signed, started):
        told = f"contract of {signed} is later than the start on {started}"
        yield hit("12b", key, unit, None, told, [contract.first, *contract.work_orders])
    delivered = min(contract.days("tgl_bast"), default=None)
    if _after(started, delivered):
        told = f"start on {started} is later than the hand-over on {delivered}"
        yield hit("12c", key, unit, None, told, [*contract.work_orders, *contract.handovers])
    late: dict[str, list[Row]] = defaultdict(list)
    for row in contract.handovers:
        if _after(row.day("tgl_bast"), row.day("tgl_bap")):
            late[norm(row.columns.get("no_bap"))].append(row)
    for number, rows in sorted(late.items()):
        told = f"hand-over of {rows[0].day('tgl_bast')} is later than its payment minutes of {rows[0].day('tgl_bap')}"
        yield hit("12d", f"{key}|{number}", unit, None, told, rows)


def _price(books: Books, contract: Contract) -> Iterator[Hit]:
    """13: signed for the awarded price, or a reason is given."""
    award = _award(books, contract)
    if award is None or contract.first.text("alasan_ubah_nilai_kontrak"):
        return
    price = award.amount("harga_final")
    if differs(contract.v0, price):
        told = f"signed for {contract.v0}, awarded for {price}, no reason given"
        yield hit("13", contract.key, contract.unit, contract.v0 - price, told, [contract.first, award])


def _addenda(_books: Books, contract: Contract) -> Iterator[Hit]:
    """14: added work within a tenth, one value a version, versions in the order of their dates."""
    key, unit = contract.key, contract.unit
    if exceeds(contract.value, _ADDED_WORK * contract.v0):
        told = f"value {contract.value} is more than 110 % of the first, {contract.v0}"
        yield hit("14a", key, unit, contract.value - contract.v0, told, [contract.first, contract.current])
    values: dict[object, set[Decimal]] = defaultdict(set)
    for row in contract.rows:
        values[version(row)].add(row.amount("nilai_kontrak"))
    if any(len(stated) > 1 for stated in values.values()):
        yield hit("14b", key, unit, None, "one version states two values", contract.rows)
    dated = [(version(row), when) for row in contract.rows if (when := row.day("tgl_kontrak"))]
    if any(high > low and later < earlier for low, earlier in dated for high, later in dated):
        yield hit("14c", key, unit, None, "a higher version is dated before a lower one", contract.rows)


def _overpaid(_books: Books, contract: Contract) -> Iterator[Hit]:
    """15: paid within the value."""
    if exceeds(contract.paid, contract.value):
        told = f"paid {contract.paid} of {contract.value}"
        evidence = [contract.current, *contract.handovers]
        yield hit("15", contract.key, contract.unit, contract.paid - contract.value, told, evidence)


def _ahead(books: Books, contract: Contract) -> Iterator[Hit]:
    """16: payment does not run ahead of progress."""
    value = contract.value
    steps = [(row.day("tgl_bap"), row.number("progres_pekerjaan"), row) for row in contract.handovers]
    if value <= 0 or any(progress is None for _, progress, _ in steps):
        return
    last = books.asof.day or date.max
    known = sorted(((when or last, progress or ZERO, row) for when, progress, row in steps), key=lambda step: step[:2])
    given = sum((row.amount("besar_pembayaran") for _, progress, row in known if progress == 0), ZERO)
    # Everything is compared in hundredths of the value, so that nothing is divided.
    advance = min(given * _FULL, _LARGEST_ADVANCE * value)
    paid, highest = ZERO, ZERO
    for _, progress, row in known:
        paid += row.amount("besar_pembayaran")
        highest = max(highest, progress)
        over = paid * _FULL - (highest + _SLACK) * value - advance
        if over > 0:
            told = f"{paid} of {value} was paid at a progress of {highest} %"
            evidence = [contract.current, *contract.handovers]
            yield hit("16", contract.key, contract.unit, over / _FULL, told, evidence)
            return


def _late(books: Books, contract: Contract) -> Iterator[Hit]:
    """17: delivered after the due date, without addendum or penalty."""
    delivered = max(contract.days("tgl_bast"), default=None)
    due = max((when for row in contract.work_orders if (when := row.day("tgl_selesai_pekerjaan"))), default=None)
    if delivered is None or due is None or delivered <= due:
        return
    extended = any(
        version(row) >= _FIRST_ADDENDUM and (when := row.day("tgl_kontrak")) is not None and when <= delivered
        for row in contract.rows
    )
    if extended or _fined(books, contract):
        return
    told = f"delivered on {delivered}, due on {due}, no addendum and no penalty"
    evidence = [*contract.work_orders, *contract.handovers]
    yield hit("17", contract.key, contract.unit, None, told, evidence)


def _fined(books: Books, contract: Contract) -> bool:
    if not books.has("sipd-spm-potongan", "sipd-spm", "sipd-spp"):
        return False
    return any(
        "denda" in row.text("nama_potongan").lower()
        for spm in spms_of(books, contract)
        for row in books.rows("sipd-spm-potongan", "spm", spm.text("idSpm"))
    )


def _treasury(books: Books, contract: Contract) -> Iterator[Hit]:
    """20: SP2Ds sum to what hand-overs state."""
    if not books.has(package_kind(contract.package, "bapbast"), "sipd-spp", "sipd-spm", "sipd-sp2d"):
        return
    sp2ds = sp2ds_of(books, contract)
    if not sp2ds and not contract.handovers:
        return
    issued = sum((row.amount("nilai_sp_2_d") for row in sp2ds), ZERO)
    evidence = [*contract.handovers, *sp2ds]
    if exceeds(issued, contract.paid):
        told = f"SP2D sum to {issued}, hand-overs to {contract.paid}"
        yield hit("20a", contract.key, contract.unit, issued - contract.paid, told, evidence)
    if books.asof.day is None:
        return
    limit = books.asof.day - _MONTH
    ripe = [row for row in contract.handovers if (when := row.day("tgl_bap")) is not None and when <= limit]
    due = sum((row.amount("besar_pembayaran") for row in ripe), ZERO)
    if exceeds(due, issued):
        told = f"hand-overs up to {limit} sum to {due}, SP2D to {issued}"
        yield hit("20b", contract.key, contract.unit, due - issued, told, evidence)


def _register(books: Books, contract: Contract) -> Iterator[Hit]:
    """22: what was bought as an asset is in the register, for its value, within 30 days."""
    last = max(contract.days("tgl_bast"), default=None)
    if not books.has("bmd-kib") or last is None or contract.paid < contract.value - 1:
        return
    limit = last + _MONTH
    if books.asof.day is None or limit > books.asof.day or not _capital(books, contract.package):
        return
    rows = [
        row
        for number in contract.numbers
        for row in books.rows("bmd-kib", "number", f"{contract.unit}|{number}")
        if (when := row.day("tgl_buku")) is not None and when <= limit
    ]
    booked = sum((row.amount("harga_perolehan") for row in rows), ZERO)
    if differs(booked, contract.value):
        told = f"register shows {booked} by {limit}, the contract's value is {contract.value}"
        evidence = [contract.current, *contract.handovers, *rows]
        yield hit("22", contract.key, contract.unit, contract.value - booked, told, evidence)


def _capital(books: Books, package: str) -> bool:
    """All its RUP codes are paid from accounts 5.2. alone."""
    codes = codes_of(books, package)
    for code in sorted(codes):
        rows = books.rows("rup-paket-anggaran-penyedia", "code", code)
        lines = [bridge_line(books, row) for row in rows]
        if not lines or not all(line is not None and line[1].startswith("5.2.") for line in lines):
            return False
    return bool(codes)


_NIP_DIGITS = 18


def _official(books: Books, contract: Contract) -> Iterator[Hit]:
    """23a: the PPK's number is one, is known, and was in post in this unit when the contract was signed."""
    first = contract.first
    nip = first.columns.get("nip_ppk", "").strip()
    problem, rows = _official_problem(books, nip, first)
    if problem:
        yield hit("23a", contract.key, first.text("kd_satker_str"), None, f"the PPK {problem}", [first, *rows])


def _official_problem(books: Books, nip: str, first: Row) -> tuple[str | None, list[Row]]:
    if len(nip) != _NIP_DIGITS or not (nip.isascii() and nip.isdecimal()):
        return "has no NIP of 18 digits", []
    if books.has("siasn-pegawai") and not books.rows("siasn-pegawai", "nip", nip):
        return "is not among the employees", []
    signed = first.day("tgl_kontrak")
    if signed is None:
        return None, []
    if books.has("siasn-pemberhentian"):
        left = [
            row
            for row in books.rows("siasn-pemberhentian", "nip", nip)
            if (when := row.day("tmtPensiun")) is not None and when <= signed
        ]
        if left:
            return f"had retired when it was signed on {signed}", left
    if books.has("siasn-riwayat-jabatan"):
        posts = [
            (when, content_order(row.columns), row)
            for row in books.rows("siasn-riwayat-jabatan", "nip", nip)
            if (when := row.day("tmtJabatan")) is not None and when <= signed
        ]
        if not posts:
            return f"held no post on {signed}", []
        post = max(posts, key=lambda post: post[:2])[2]
        if not post.text("kode_sub_skpd") or post.text("kode_sub_skpd") != first.text("kd_satker_str"):
            return f"held a post in another unit on {signed}", [post]
    return None, []


def _letters(books: Books, contract: Contract) -> Iterator[Hit]:
    """24a, b: contract and hand-overs are in the archive."""
    if not books.has("srikandi-naskah"):
        return
    unit = contract.unit
    if not books.rows("srikandi-naskah", "number", f"{unit}|{contract.number}"):
        told = f"no letter {contract.number} in the archive"
        yield hit("24a", contract.key, unit, None, told, [contract.current])
    missing: dict[str, list[Row]] = defaultdict(list)
    for row in contract.handovers:
        number = norm(row.columns.get("no_bast"))
        if number and not books.rows("srikandi-naskah", "number", f"{unit}|{number}"):
            missing[number].append(row)
    for number, rows in sorted(missing.items()):
        yield hit("24b", f"{contract.key}|{number}", unit, None, f"no letter {number} in the archive", rows)


_RULES: tuple[Callable[[Books, Contract], Iterator[Hit]], ...] = (
    _estimate,
    _dates,
    _price,
    _addenda,
    _overpaid,
    _ahead,
    _late,
    _treasury,
    _register,
    _official,
    _letters,
)
