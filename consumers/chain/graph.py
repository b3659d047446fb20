"""The chain around a package or a sub kegiatan, from plan to performance: nodes and links with the rows behind. Pure.

Every link says how it was found. Ids begin with their kind; amounts are rupiah.
"""

from __future__ import annotations

from consumers.chain.money import money
from consumers.chain.nodes import CONTAINED, EXACT, NUMBER, PARSED, REPAIRED, UNRESOLVED, Graph
from consumers.chain.performance import agreed_indicator, employees, indicator_of, rated
from consumers.chain.rules.books import Books, Row
from consumers.chain.rules.budget import Line, bridge_line, dpa_by_account, line_amount, lines_of
from consumers.chain.rules.contracts import Contract, codes_of, contract_at, contracts_of, package_kind
from consumers.chain.rules.kinds import clean_mak
from consumers.chain.rules.packages import users_of
from consumers.chain.rules.payments import unit_orders
from consumers.chain.rules.reading import ZERO, norm, plain

__all__ = [
    "around_code",
    "around_employee",
    "around_indicator",
    "around_package",
    "around_payment",
    "around_sub_kegiatan",
]


def around_package(books: Books, package: str, into: Graph) -> None:
    """A package down to its payments, and up to its plan."""
    for code in sorted(codes_of(books, package)):
        if _code(books, code, into):
            into.link(package, f"RUP:{code}", EXACT, _naming(books, package, code))
    for contract in contracts_of(books, package):
        _contract(books, contract, into)
    if package.startswith("EC:"):
        _order_payments(books, package, into)


def around_code(books: Books, code: str, into: Graph) -> None:
    """A RUP code up to its plan, and the packages that name it."""
    _code(books, code, into)
    for package in sorted(users_of(books, code)):
        _package(books, package, into)
        into.link(package, f"RUP:{code}", EXACT, _naming(books, package, code))


def around_sub_kegiatan(books: Books, sbl: str, into: Graph) -> None:
    """A sub kegiatan of a unit: plan, budget, RUP codes, progress, performance."""
    plan = _sub_kegiatan(books, sbl, into)
    if plan is None:
        return
    where = f"{plan.text('kode_sub_skpd')}|{plan.text('kode_sub_giat')}"
    rows = books.rows("rup-paket-anggaran-penyedia", "sub", where)
    rows += books.rows("rup-paket-anggaran-penyedia", "dirty", plan.text("kode_sub_skpd"))
    for row in rows:
        line = bridge_line(books, row)
        if line and line[0] == plan.text("kode_sub_giat"):
            _code(books, row.text("kd_rup"), into)
    employees(books, into)


def around_indicator(books: Books, indicator: str, into: Graph) -> None:
    """An indicator: the sub kegiatan and budget lines that fund it, the ratings that cite its agreement, their pay."""
    agreed = books.one("sakip-perjanjian", "indicator", indicator)
    _funded(books, indicator_of(books, indicator, into), agreed, into)
    if agreed is not None:
        agreed_indicator(books, agreed, into)
        employees(books, into)


def around_employee(books: Books, nip: str, into: Graph) -> None:
    """An employee's ratings and pay, and up to what funds the indicators of the agreements that they cite."""
    for rating in books.rows("skp-kinerja", "nip", nip):
        skp = rated(books, rating, into)
        number = rating.text("nomor_pk")
        for agreed in books.current("sakip-perjanjian", "agreement", number):
            name = indicator_of(books, agreed.text("id_indikator"), into)
            pk = into.node(f"PK:{number}", "agreement", "performance", None, agreed.text("kode_sub_skpd"), [agreed])
            into.link(name, pk, EXACT, [agreed])
            into.link(pk, skp, EXACT, [rating])
            _funded(books, name, agreed, into)
    employees(books, into)


def _funded(books: Books, indicator: str, agreed: Row | None, into: Graph) -> None:
    """The sub kegiatan that an agreement names, where the plan has it, with its budget lines."""
    if agreed is not None and _sub_kegiatan(books, agreed.text("kode_sbl"), into, performed=False) is not None:
        into.link(f"SBL:{agreed.text('kode_sbl')}", indicator, EXACT, [agreed])


def around_payment(books: Books, spp: str, into: Graph) -> None:
    """An SPP, what was issued on it, and the contract it reaches."""
    for row in books.current("sipd-spp", "id", spp):
        contract = contract_at(books, row.text("kode_sub_skpd"), norm(row.columns.get("nomorKontrak")))
        if contract is not None:
            _package(books, contract.package, into)
            around_package(books, contract.package, into)
        _payment(books, row, into)


def _naming(books: Books, package: str, code: str) -> list[Row]:
    """Rows of a package that name a code."""
    if package.startswith("EC:"):
        kinds = ["ecat-paket-v6"]
    else:
        kinds = [package_kind(package, "pengumuman"), package_kind(package, "selesai")]
    return [
        row for kind in kinds for row in books.rows(kind, "package", package) if row in books.rows(kind, "code", code)
    ]


def _package(books: Books, package: str, into: Graph) -> None:
    """A package as a mere node."""
    if package.startswith("EC:"):
        for row in books.current("ecat-paket-v6", "package", package):
            amount = row.amount("total_harga")
            into.node(package, "catalogue_order", "procurement", amount, row.text("kd_satker_str"), [row])
        return
    kind = "tender" if package.startswith("T:") else "purchase"
    rows = books.rows(package_kind(package, "pengumuman"), "package", package)
    if rows:
        into.node(package, kind, "procurement", rows[-1].amount("hps"), rows[-1].text("kd_satker_str"), rows)


def _code(books: Books, code: str, into: Graph) -> bool:
    """A RUP code, its budget lines and their sub kegiatan; whether it is known."""
    plan = books.one("rup-paket-penyedia-terumumkan", "code", code)
    bridges = books.rows("rup-paket-anggaran-penyedia", "code", code)
    if plan is None and not bridges:
        return False
    rows = books.rows("rup-paket-penyedia-terumumkan", "code", code)
    amount = plan.amount("pagu") if plan else None
    unit = (plan or bridges[0]).text("kd_satker_str")
    name = into.node(f"RUP:{code}", "rup_package", "packaging", amount, unit, rows or bridges)
    for row in bridges:
        line, mak = bridge_line(books, row), row.columns.get("mak", "")
        if line is None:
            into.link(name, into.node(f"MAK:{mak}", "budget_line", "budgeting", None, unit, [row]), UNRESOLVED, [row])
            continue
        how = PARSED if clean_mak(mak) else REPAIRED
        into.link(name, _line(books, row.text("kd_satker_str"), line, row, into), how, [row])
    return True


def _line(books: Books, unit: str, line: Line, bridge: Row, into: Graph) -> str:
    """A budget line of a unit, with the sub kegiatan that it is in."""
    name = f"MAK:{line[0]}.{line[1]}"
    plans = books.current("sipd-renja-subkegiatan", "sub", f"{unit}|{line[0]}")
    lines = [
        (plan, row)
        for plan in plans
        for row in lines_of(books, plan.text("kode_sbl"))
        if row.text("kode_akun") == line[1]
    ]
    amount = sum((line_amount(row, "rincian") for _, row in lines), ZERO) if lines else None
    into.node(name, "budget_line", "budgeting", amount, unit, [row for _, row in lines] or [bridge])
    for plan, row in lines:
        _sub_kegiatan(books, plan.text("kode_sbl"), into)
        into.link(name, f"SBL:{plan.text('kode_sbl')}", EXACT, [row])
    return name


def _sub_kegiatan(books: Books, sbl: str, into: Graph, *, performed: bool = True) -> Row | None:
    """A sub kegiatan in the plan, its budget, progress and maybe performance; its plan row."""
    plan = books.one("sipd-renja-subkegiatan", "sbl", sbl)
    name = f"SBL:{sbl}"
    if plan is None or name in into.nodes:
        return plan
    unit, sub = plan.text("kode_sub_skpd"), plan.text("kode_sub_giat")
    rows = books.rows("sipd-renja-subkegiatan", "sbl", sbl)
    budget = sorted(dpa_by_account(books, sbl).items())
    dpa = money(sum((amount for _, amount in budget), ZERO)) if budget else None
    told = {"nama_sub_giat": plan.text("nama_sub_giat"), "dpa": dpa}
    into.node(name, "sub_kegiatan", "planning", line_amount(plan, "pagu"), unit, rows, told)
    for account, amount in budget:
        lines = [row for row in lines_of(books, sbl) if row.text("kode_akun") == account]
        line = into.node(f"MAK:{sub}.{account}", "budget_line", "budgeting", amount, unit, lines)
        into.link(line, name, EXACT, lines)
    for row in books.current("rfk-bulanan", "sbl", sbl):
        month = f"RFK:{sbl}|{plain(row.text('bulan'))}"
        into.node(month, "progress", "controlling", row.amount("realisasi_anggaran"), unit, [row])
        into.link(name, month, EXACT, [row])
    for row in books.current("sakip-perjanjian", "sbl", sbl) if performed else ():
        into.link(name, agreed_indicator(books, row, into), EXACT, [row])
    return plan


def _contract(books: Books, contract: Contract, into: Graph) -> None:
    name, unit = f"KONTRAK:{contract.key}", contract.unit
    into.node(name, "contract", "delivery", contract.value, unit, contract.rows)
    into.link(contract.package, name, EXACT, [contract.current])
    nip = contract.first.columns.get("nip_ppk", "").strip()
    people = [*books.rows("siasn-pegawai", "nip", nip), *books.rows("siasn-riwayat-jabatan", "nip", nip)]
    if people:
        into.node(f"NIP:{nip}", "employee", "staffing", None, people[0].text("kode_sub_skpd"), people)
        into.link(name, f"NIP:{nip}", EXACT, [contract.first])
    for number in contract.numbers:
        at = contract_at(books, unit, number)
        if at is not None and at.key == contract.key:
            for spp in books.current("sipd-spp", "number", f"{unit}|{number}"):
                into.link(name, _payment(books, spp, into), NUMBER, [spp])
        _records(books, name, f"{unit}|{number}", into)
    for row in contract.handovers:
        letter = norm(row.columns.get("no_bast"))
        if letter:
            _archived(books, name, f"{unit}|{letter}", into)


def _records(books: Books, contract: str, number: str, into: Graph) -> None:
    """Assets, letters and findings on a contract's number."""
    unit = number.partition("|")[0]
    for row in books.rows("bmd-kib", "number", number):
        asset = f"ASET:{row.text('id_aset')}"
        into.link(
            contract, into.node(asset, "asset", "assets", row.amount("harga_perolehan"), unit, [row]), NUMBER, [row]
        )
    _archived(books, contract, number, into)
    for row in books.current("siptl-temuan", "number", number):
        finding = f"TEMUAN:{row.text('id_temuan')}"
        into.link(
            contract, into.node(finding, "finding", "oversight", row.amount("nilai_temuan"), unit, [row]), NUMBER, [row]
        )
        for told in books.current("siptl-rekomendasi", "finding", row.text("id_temuan")):
            name, amount = f"REKOMENDASI:{told.text('id_rekomendasi')}", told.amount("nilai_rekomendasi")
            deposits = books.rows("siptl-setoran", "recommendation", told.text("id_rekomendasi"))
            into.link(
                finding, into.node(name, "recommendation", "oversight", amount, unit, [told, *deposits]), EXACT, [told]
            )


def _archived(books: Books, owner: str, number: str, into: Graph) -> None:
    for row in books.rows("srikandi-naskah", "number", number):
        letter = into.node(
            f"NASKAH:{row.text('id_naskah')}", "letter", "archive", None, number.partition("|")[0], [row]
        )
        into.link(owner, letter, NUMBER, [row])


def _payment(books: Books, spp: Row, into: Graph) -> str:
    """An SPP with its SPM and SP2D; its id."""
    unit = spp.text("kode_sub_skpd")
    name = into.node(f"SPP:{spp.text('idSpp')}", "spp", "treasury", spp.amount("nilaiSpp"), unit, [spp])
    for spm in books.current("sipd-spm", "spp", spp.text("idSpp")):
        order = into.node(f"SPM:{spm.text('idSpm')}", "spm", "treasury", spm.amount("nilaiSpm"), unit, [spm])
        into.link(name, order, EXACT, [spm])
        for sp2d in books.current("sipd-sp2d", "spm", spm.text("idSpm")):
            if not sp2d.text("deleted_at"):
                paid = into.node(
                    f"SP2D:{sp2d.text('id_sp_2_d')}", "sp2d", "treasury", sp2d.amount("nilai_sp_2_d"), unit, [sp2d]
                )
                into.link(order, paid, EXACT, [sp2d])
                _archived(books, paid, f"{unit}|{norm(sp2d.columns.get('nomor_sp_2_d'))}", into)
    return name


def _order_payments(books: Books, package: str, into: Graph) -> None:
    """SPPs of the unit whose contract number contains an order's code."""
    for order in books.current("ecat-paket-v6", "package", package):
        unit, code = order.text("kd_satker_str"), norm(order.columns.get("kd_paket"))
        if code in books.share(unit_orders, unit):
            for spp in books.current("sipd-spp", "number", f"{unit}|SP-{code}"):
                into.link(package, _payment(books, spp, into), CONTAINED, [spp])
