"""Rules 6-11 and 23b: packages against budget, plan and procurement. Pure.

Source: ``integrity-rules`` sections 2 and 5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from consumers.chain.rules.books import Books, Row
from consumers.chain.rules.budget import Line, bridge_line, line_amount, lines_of, live
from consumers.chain.rules.contracts import codes_of, contracts_of, package_kind, row_codes
from consumers.chain.rules.hits import Hit, hit
from consumers.chain.rules.reading import ZERO, exceeds, nips

__all__ = ["announcements_of", "budget_line_rules", "code_rules", "package_rules", "users_of"]

_RUP = "rup-paket-penyedia-terumumkan"
_BRIDGE = "rup-paket-anggaran-penyedia"
_NOT_PROCURED = ("5.1.01.", "5.1.03.", "5.1.04.", "5.4.")
_PROCURED = ("5.2.", "5.1.02.")
_TRAVEL = "5.1.02.04."


def _repaired(books: Books, unit: str) -> dict[Line, list[Row]]:
    """Bridge rows of a unit whose MAK had to be repaired, by the line that it means."""

    def found() -> dict[Line, list[Row]]:
        lines: dict[Line, list[Row]] = defaultdict(list)
        for row in books.rows(_BRIDGE, "dirty", unit):
            line = bridge_line(books, row)
            if line:
                lines[line].append(row)
        return dict(lines)

    return books.keep("repaired", unit, found)


def budget_line_rules(books: Books, where: str) -> Iterator[Hit]:
    """Rules 6 and 7b of one unit and sub kegiatan, ``unit|sub``."""
    unit, _, sub = where.partition("|")
    lines: dict[str, list[Row]] = defaultdict(list)
    for plan in books.current("sipd-renja-subkegiatan", "sub", where):
        for row in lines_of(books, plan.text("kode_sbl")):
            lines[row.text("kode_akun")].append(row)
    bridges: dict[str, list[Row]] = defaultdict(list)
    for row in books.rows(_BRIDGE, "sub", where):
        line = bridge_line(books, row)
        if line and live(row):
            bridges[line[1]].append(row)
    for line, rows in _repaired(books, unit).items():
        if line[0] == sub:
            bridges[line[1]] += [row for row in rows if live(row)]
    has_budget = books.has("sipd-rka", "sipd-renja-subkegiatan")
    has_bridge = books.has(_BRIDGE)
    for account in sorted((lines.keys() | bridges.keys()) - {""}):
        key, budget, funded = f"{where}|{account}", lines.get(account, []), bridges.get(account, [])
        dpa = sum((line_amount(row, "rincian") for row in budget), ZERO)
        pagu = sum((row.amount("pagu") for row in funded), ZERO)
        if has_budget and funded and exceeds(pagu, dpa):
            told = f"packages on the line sum to {pagu}, its budget is {dpa}"
            yield hit("6", key, unit, pagu - dpa, told, [*funded, *budget])
        procured = account.startswith(_PROCURED) and not account.startswith(_TRAVEL)
        if has_bridge and procured and dpa > 0 and not funded:
            yield hit("7b", key, unit, dpa, f"{dpa} is budgeted, no package in force is paid from it", budget)


def code_rules(books: Books, code: str) -> Iterator[Hit]:
    """Rules 7a and 10 of one RUP code."""
    wrong: dict[str, list[Row]] = defaultdict(list)
    for row in books.rows(_BRIDGE, "code", code):
        line = bridge_line(books, row)
        if line and live(row) and line[1].startswith(_NOT_PROCURED):
            wrong[line[1]].append(row)
    for account, rows in sorted(wrong.items()):
        pagu = sum((row.amount("pagu") for row in rows), ZERO)
        told = f"account {account} is not for procurement"
        yield hit("7a", f"{code}|{account}", rows[0].text("kd_satker_str"), pagu, told, rows)
    if books.has(_RUP):
        yield from _group_rule(books, code)


def users_of(books: Books, code: str) -> set[str]:
    """Packages of which some row names a RUP code."""
    found = set[str]()
    for kind, prefix, column in (
        ("spse-nontender-pengumuman", "NT", "kd_nontender"),
        ("spse-nontender-selesai", "NT", "kd_nontender"),
        ("spse-tender-pengumuman", "T", "kd_tender"),
        ("spse-tender-selesai", "T", "kd_tender"),
        ("spse-tender-selesai-nilai", "T", "kd_tender"),
        ("ecat-paket-v6", "EC", "kd_paket"),
    ):
        found |= {f"{prefix}:{row.text(column)}" for row in books.rows(kind, "code", code) if row.text(column)}
    return found


def _group(books: Books, smallest: str) -> tuple[set[str], set[str]] | None:
    """Codes and packages that hang together; None = some smaller code is among them, which owns the group."""
    codes, packages, todo = {smallest}, set[str](), [smallest]
    while todo:
        for package in users_of(books, todo.pop()) - packages:
            packages.add(package)
            new = codes_of(books, package) - codes
            if any(code < smallest for code in new):
                return None
            codes |= new
            todo += new
    return codes, packages


def _group_rule(books: Books, code: str) -> Iterator[Hit]:
    group = _group(books, code)
    if group is None or not group[1]:
        return
    codes, packages = group
    plans = [books.one(_RUP, "code", member) for member in sorted(codes)]
    if any(plan is None for plan in plans):
        return
    pagu = sum((plan.amount("pagu") for plan in plans if plan), ZERO)
    spent, rows = ZERO, list[Row | None](plans)
    for package in sorted(packages):
        for value, row in _values(books, package):
            spent += value
            rows.append(row)
    if exceeds(spent, pagu):
        told = f"contracts and orders of {len(packages)} packages sum to {spent}, {len(codes)} RUP codes to {pagu}"
        yield hit("10", code, plans[0].text("kd_satker_str") if plans[0] else None, spent - pagu, told, rows)


def _values(books: Books, package: str) -> list[tuple[Decimal, Row]]:
    """What a package was contracted or ordered for."""
    if package.startswith("EC:"):
        return [(row.amount("total_harga"), row) for row in books.current("ecat-paket-v6", "package", package)]
    return [(contract.value, contract.current) for contract in contracts_of(books, package)]


def announcements_of(books: Books, package: str) -> list[Row]:
    """Announcements of a package, all versions."""
    return books.rows(package_kind(package, "pengumuman"), "package", package)


def package_rules(books: Books, package: str) -> Iterator[Hit]:
    """Rules 8, 9a, 11 and 23b of one package."""
    if package.startswith("EC:"):
        rows = books.rows("ecat-paket-v6", "package", package)
        yield from _code_use(books, package, "ecat-paket-v6", rows, "tgl_order")
        return
    kind = package_kind(package, "pengumuman")
    title = kind.removeprefix("spse-").removesuffix("-pengumuman")
    rows = announcements_of(books, package)
    yield from _code_use(books, package, kind, rows, f"tgl_pengumuman_{title}")
    above = [
        row for row in rows if row.text(f"status_{title}") != "Gagal/Batal" and row.amount("hps") > row.amount("pagu")
    ]
    if above:
        over = max(row.amount("hps") - row.amount("pagu") for row in above)
        told = f"estimate {above[0].amount('hps')} is above the ceiling {above[0].amount('pagu')}"
        yield hit("9a", package, above[0].text("kd_satker_str"), over, told, above)
    both = [row for row in rows if _ppk(row) & _committee(row)]
    if both:
        yield hit("23b", package, both[0].text("kd_satker_str"), None, "the PPK is also procurement officer", both)
    if package.startswith("T:"):
        yield from _winner(books, package)


def _ppk(row: Row) -> set[str]:
    return nips(row.columns.get("nip_nama_ppk")) | nips(row.columns.get("nip_ppk"))


def _committee(row: Row) -> set[str]:
    columns = ("nip_nama_pokja", "nip_nama_pp", "nip_pokja", "nip_pp")
    return set[str]().union(*(nips(row.columns.get(column)) for column in columns))


def _code_use(books: Books, package: str, kind: str, rows: list[Row], column: str) -> Iterator[Hit]:
    """Rule 8: each code is known, in force, and was announced before it is used."""
    if not books.has(_RUP):
        return
    using: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for code in row_codes(kind, row):
            using[code].append(row)
    for code, users in sorted(using.items()):
        plans = books.rows(_RUP, "code", code)
        current = books.one(_RUP, "code", code)
        announced = min((when for plan in plans if (when := plan.day("tgl_pengumuman_paket"))), default=None)
        used = min((when for row in users if (when := row.day(column))), default=None)
        if current is None:
            told = f"RUP code {code} is unknown"
        elif not live(current):
            told = f"RUP package {code} is not in force"
        elif announced and used and announced > used:
            told = f"RUP package {code} was announced on {announced}, used on {used}"
        else:
            continue
        yield hit("8", f"{package}|{code}", users[0].text("kd_satker_str"), None, told, [*users, *plans])


def _winner(books: Books, package: str) -> Iterator[Hit]:
    """Rule 11: a finished tender has one verified winner, the one whose price was agreed."""
    current = books.one("spse-tender-pengumuman", "package", package)
    if current is None or current.text("status_tender") != "Selesai" or not books.has("spse-tender-peserta"):
        return
    winners = [
        row
        for row in books.rows("spse-tender-peserta", "package", package)
        if row.number("pemenang_terverifikasi") == 1
    ]
    unit = current.text("kd_satker_str")
    if len(winners) != 1:
        yield hit("11a", package, unit, None, f"{len(winners)} verified winners, not one", [current, *winners])
        return
    agreed = books.one("spse-tender-selesai-nilai", "package", package)
    if agreed is None:
        return
    winner = winners[0].text("kd_penyedia")
    if not winner or winner != agreed.text("kd_penyedia"):
        yield hit(
            "11b", package, unit, None, "the verified winner is not who the price was agreed with", [winners[0], agreed]
        )
