"""A second, naive reading of the integrity rules, from their text alone: nested loops over rows of a folder.

It shares no code with the product. Slow on purpose: every definition is computed where it is used.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

EXPORT = ("_event_date", "_inserted_date", "tgl_penarikan")
MON = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ONE = Decimal("1.00")


def blank(x):
    return x is None or x.strip() in ("", "-")


def norm(x):
    return "" if blank(x) else re.sub(r"\s+", "", x).upper()


def digits(x):
    return re.sub(r"[^0-9]", "", x or "")


def amt(x):
    return Decimal(0) if blank(x) else Decimal(x.strip())


def num(x):
    return None if blank(x) else Decimal(x.strip())


def when(x):
    if blank(x):
        return None
    x = x.strip()
    if m := re.match(r"(\d{4})-(\d\d)-(\d\d)", x):
        return date(int(m[1]), int(m[2]), int(m[3]))
    if m := re.match(r"(\d\d?)[-/](\d\d?)[-/](\d{4})", x):
        return date(int(m[3]), int(m[2]), int(m[1]))
    m = re.match(r"([A-Za-z]{3})[a-z]* (\d\d?), (\d{4})", x)
    return m and date(int(m[3]), MON.index(m[1].lower()) + 1, int(m[2]))


def whole(x):
    return str(int(Decimal(x.strip())))


def content(row):
    return tuple((k, row.get(k) or "") for k in sorted(row) if k not in EXPORT)


class Less:  # noqa: PLW1641 - compared, never hashed
    """Contents one field after the other, by name, the lowest null."""

    def __init__(self, row):
        self.row = {k: v for k, v in row.items() if k not in EXPORT and v}

    def __lt__(self, other):
        for k in sorted(set(self.row) | set(other.row)):
            a, b = self.row.get(k, ""), other.row.get(k, "")
            if a != b:
                return a < b
        return False

    def __eq__(self, other):
        return self.row == other.row


def uncopied(rows):
    kept = {}
    for row in rows:
        c = tuple(x for x in content(row) if x[1])
        stamp = tuple(row.get(k) or "" for k in EXPORT)
        if c not in kept or stamp > kept[c][0]:
            kept[c] = (stamp, row)
    return [row for _, row in kept.values()]


def vers(column):
    """Sort key of a version column."""

    def key(row):
        x = row.get(column)
        if column.startswith("versi"):
            return (Decimal(-1) if blank(x) else Decimal(x.strip()), Less(row))
        return ("" if blank(x) else x, Less(row))

    return key


def is_true(x):
    return (x or "").strip().lower() in ("true", "1")


def split(x):
    return [p for p in re.split(r"[;,\s]+", x or "") if p and p != "-"]


class Folder:
    def __init__(self, files, as_of, year):
        self.files = {name: uncopied(rows) for name, rows in files.items()}
        self.as_of, self.year = as_of, year
        self.hits = defaultdict(set)

    def f(self, name):
        return self.files.get(name, [])

    def has(self, *names):
        return all(name in self.files for name in names)

    def hit(self, rule, key):
        self.hits[rule].add(key)

    def current(self, name, key, version):
        by = defaultdict(list)
        for row in self.f(name):
            k = tuple(row.get(c) or "" for c in key)
            by[k].append(row)
        return [max(rows, key=vers(version)) if version else max(rows, key=Less) for rows in by.values()]

    # definitions

    def prepare(self):
        self.renja = {r["kode_sbl"]: r for r in self.current("sipd-renja-subkegiatan", ["kode_sbl"], "versi")}
        self.plan = {s: (r.get("kode_sub_skpd"), r.get("kode_sub_giat")) for s, r in self.renja.items()}
        self.lines = self.current("sipd-rka", ["id_rinci_sub_bl"], "versi")
        self.bridge = self.f("rup-paket-anggaran-penyedia")
        self.rup = defaultdict(list)
        for r in self.f("rup-paket-penyedia-terumumkan"):
            self.rup[r["kd_rup"]].append(r)
        self.rupnow = {k: max(v, key=vers("tgl_pengumuman_paket")) for k, v in self.rup.items()}
        self.spp = {r["idSpp"]: r for r in self.current("sipd-spp", ["idSpp"], "updated_at")}
        self.spm = {r["idSpm"]: r for r in self.current("sipd-spm", ["idSpm"], "created_at")}
        now = {r["id_sp_2_d"]: r for r in self.current("sipd-sp2d", ["id_sp_2_d"], "updated_at")}
        self.sp2d = {k: r for k, r in now.items() if blank(r.get("deleted_at"))}
        self.contracts()
        self.packages()

    def rincian(self, line):
        return Decimal(0) if (line.get("active") or "").strip() == "0" else amt(line.get("rincian"))

    def live(self, r):
        return (
            is_true(r.get("status_aktif_rup"))
            and not is_true(r.get("status_delete_rup"))
            and (r.get("status_umumkan_rup") or "").strip() == "Terumumkan"
        )

    def mak(self, row):
        text = (row.get("mak") or "").strip()
        m = re.match(r"^(\d\.\d\d\.\d\d\.\d\.\d\d\.\d{4})\.(5\.\d\.\d\d\.\d\d\.\d\d\.\d{4})(\.|$)", text)
        if m:
            return "clean", (m[1], m[2])
        d, fits = digits(text), set()
        for line in self.lines:
            unit, sub = self.plan.get(line.get("kode_sbl"), (None, None))
            if blank(unit) or unit != row.get("kd_satker_str") or blank(sub) or blank(line.get("kode_akun")):
                continue
            full = digits(sub) + digits(line["kode_akun"])
            less = [d[:i] + d[i + 1 :] for i in range(len(d))]
            if d.startswith((full, full[1:])) or any(x.startswith(full) for x in less):
                fits.add((sub, line["kode_akun"]))
        return ("repaired", fits.pop()) if d and len(fits) == 1 else ("unresolved", None)

    def packages(self):
        self.ann = defaultdict(list)
        self.codes = defaultdict(set)
        for kind, p in (("nontender", "NT"), ("tender", "T")):
            for r in self.f(f"spse-{kind}-pengumuman"):
                self.ann[f"{p}:{r['kd_' + kind]}"].append(r)
            for part in ("pengumuman", "selesai"):
                for r in self.f(f"spse-{kind}-{part}"):
                    self.codes[f"{p}:{r['kd_' + kind]}"] |= set(split(r.get("kd_rup")))
        for r in self.f("spse-tender-selesai-nilai"):
            self.codes[f"T:{r['kd_tender']}"] |= set(split(r.get("kd_rup_paket")))
        for r in self.f("ecat-paket-v6"):
            self.codes[f"EC:{r['kd_paket']}"] |= set(split(r.get("kd_rup")))
        self.orders = {r["kd_paket"]: r for r in self.current("ecat-paket-v6", ["kd_paket"], None)}

    def annow(self, pkg):
        v = "versi_nontender" if pkg.startswith("NT") else "versi_tender"
        return max(self.ann[pkg], key=vers(v)) if self.ann.get(pkg) else None

    def contracts(self):
        self.con = {}
        for kind, p in (("nontender", "NT"), ("tender", "T")):
            by = defaultdict(list)
            for r in self.f(f"spse-{kind}-kontrak"):
                by[f"{p}:{r['kd_' + kind]}"].append(r)
            hands = self.handovers(kind)
            for pkg, rows in by.items():

                def va(r):
                    return amt(r.get("versi_addendum"))

                bases = {norm(r.get("no_kontrak")) for r in rows if va(r) == 0}
                alone = len(bases) <= 1
                if not bases:
                    first = min(rows, key=lambda r: (va(r), Less(r)))
                    bases = {norm(first.get("no_kontrak"))}
                for base in bases:
                    own = rows if alone else [r for r in rows if norm(r.get("no_kontrak")) == base]

                    def mine(r, base=base, alone=alone, pkg=pkg, kind=kind, p=p):
                        return f"{p}:{r['kd_' + kind]}" == pkg and (alone or norm(r.get("no_kontrak")) == base)

                    first = min(own, key=lambda r: (va(r), Less(r)))
                    last = max(own, key=lambda r: (va(r), Less(r)))
                    self.con[f"{pkg}|{base}"] = {
                        "key": f"{pkg}|{base}",
                        "pkg": pkg,
                        "kind": kind,
                        "rows": own,
                        "first": first,
                        "now": last,
                        "unit": last.get("kd_satker_str"),
                        "v0": amt(first.get("nilai_kontrak")),
                        "value": amt(last.get("nilai_kontrak")),
                        "numbers": {norm(r.get("no_kontrak")) for r in own} - {""},
                        "hands": [r for r in hands if mine(r)],
                        "spmk": [r for r in self.f(f"spse-{kind}-spmk") if mine(r)],
                    }
        for c in self.con.values():
            c["paid"] = sum((amt(h.get("besar_pembayaran")) for h in c["hands"]), Decimal(0))
        shared = defaultdict(set)
        for c in self.con.values():
            for n in c["numbers"]:
                shared[c["unit"], n].add(c["key"])
        self.at = {k: self.con[next(iter(v))] for k, v in shared.items() if len(v) == 1 and not blank(k[0])}

    def handovers(self, kind):
        by = defaultdict(list)
        for r in self.f(f"spse-{kind}-bapbast"):
            minutes = norm(r.get("no_bap")) or norm(r.get("no_bast"))
            by[r["kd_" + kind], norm(r.get("no_kontrak")), minutes, when(r.get("tgl_bap"))].append(r)
        return [
            max(v, key=lambda r: ((r.get("_event_date") or "", r.get("_inserted_date") or ""), Less(r)))
            for v in by.values()
        ]

    def reached(self, unit, number):
        n = norm(number)
        return self.at.get((unit, n)) if n else None

    def spp_contract(self, spp):
        return self.reached(spp.get("kode_sub_skpd"), spp.get("nomorKontrak"))

    def sp2d_of(self, c):
        found = []
        for r in self.sp2d.values():
            spm = self.spm.get(r.get("id_spm"))
            spp = self.spp.get(spm.get("idSpp")) if spm else None
            if spp and self.spp_contract(spp) is c:
                found.append(r)
        return found

    def month(self, sp2d):
        d = when(sp2d.get("tanggal_sp_2_d"))
        if d is None or d.year > self.year:
            return None
        return 0 if d.year < self.year else d.month

    # rules

    def check(self):
        self.prepare()
        for name in sorted(n for n in dir(self) if n.startswith("rule_")):
            getattr(self, name)()
        return {rule: sorted(keys) for rule, keys in self.hits.items() if keys}

    def rule_1(self):
        if not self.has("rup-subkegiatan-master"):
            return
        for k in self.f("rup-kegiatan-master"):
            if is_true(k.get("is_deleted")) or blank(k.get("kd_kegiatan")):
                continue
            total = sum(
                (
                    amt(s.get("pagu_subkegiatan"))
                    for s in self.f("rup-subkegiatan-master")
                    if s.get("kd_kegiatan") == k["kd_kegiatan"] and not is_true(s.get("is_deleted"))
                ),
                Decimal(0),
            )
            if abs(total - amt(k.get("pagu_kegiatan"))) > ONE:
                self.hit("1", k["kd_kegiatan"])

    def dpa(self, sbl, account=None):
        mine = (x for x in self.lines if x.get("kode_sbl") == sbl and account in (None, x.get("kode_akun")))
        return sum(map(self.rincian, mine), Decimal(0))

    def pagu(self, sbl):
        r = self.renja.get(sbl)
        return Decimal(0) if r is None or (r.get("active") or "").strip() == "0" else amt(r.get("pagu"))

    def rule_2(self):
        if self.has("sipd-rka", "sipd-renja-subkegiatan"):
            for sbl in {x["kode_sbl"] for x in self.lines if not blank(x.get("kode_sbl"))}:
                if self.dpa(sbl) - self.pagu(sbl) > ONE:
                    self.hit("2", sbl)

    def rule_3(self):
        if not self.has("sipd-ssh"):
            return
        for x in self.lines:
            code, at = x.get("kode_standar_harga"), when(x.get("update_at"))
            if (x.get("active") or "").strip() == "0" or blank(code):
                continue
            prices = [
                amt(s.get("harga"))
                for s in self.f("sipd-ssh")
                if s.get("kode_standar_harga") == code
                and at
                and when(s.get("berlaku_mulai"))
                and when(s.get("berlaku_sampai"))
                and when(s["berlaku_mulai"]) <= at <= when(s["berlaku_sampai"])
            ]
            if not prices or amt(x.get("harga_satuan")) > max(prices):
                self.hit("3", x["id_rinci_sub_bl"])

    def rule_4(self):
        if not self.has("sipd-rka", "sipd-dana"):
            return
        now = self.current("sipd-dana", ["kode_sbl", "kodedana"], "versi")
        for sbl in {r.get("kode_sbl") for r in now} | {x.get("kode_sbl") for x in self.lines}:
            funds = sum(
                (
                    amt(r.get("pagudana"))
                    for r in now
                    if r.get("kode_sbl") == sbl and (r.get("active") or "").strip() != "0"
                ),
                Decimal(0),
            )
            if not blank(sbl) and abs(funds - self.dpa(sbl)) > ONE:
                self.hit("4", sbl)

    def cash(self, row, upto=12):
        if (row.get("active") or "").strip() == "0":
            return Decimal(0)
        return sum((amt(row.get(f"bulan_{m}")) for m in range(1, upto + 1)), Decimal(0))

    def rule_5(self):
        if not self.has("sipd-rka", "sipd-anggaran-kas"):
            return
        now = self.current("sipd-anggaran-kas", ["kode_sbl", "kode_akun"], "versi")
        keys = {(r.get("kode_sbl"), r.get("kode_akun")) for r in [*now, *self.lines]}
        for sbl, acc in keys:
            plan = sum((self.cash(r) for r in now if (r.get("kode_sbl"), r.get("kode_akun")) == (sbl, acc)), Decimal(0))
            if not blank(sbl) and not blank(acc) and abs(plan - self.dpa(sbl, acc)) > ONE:
                self.hit("5", f"{sbl}|{acc}")

    def unit_dpa(self):
        sums = defaultdict(lambda: Decimal(0))
        for x in self.lines:
            unit, sub = self.plan.get(x.get("kode_sbl"), (None, None))
            if not blank(unit) and not blank(sub) and not blank(x.get("kode_akun")):
                sums[unit, sub, x["kode_akun"]] += self.rincian(x)
        return sums

    def rule_6_7(self):
        dpa, used, paid = self.unit_dpa(), set(), defaultdict(lambda: Decimal(0))
        for r in self.bridge:
            _how, line = self.mak(r)
            if not self.live(r) or line is None:
                continue
            used.add((r.get("kd_satker_str"), *line))
            paid[r.get("kd_satker_str"), *line] += amt(r.get("pagu"))
            if line[1].startswith(("5.1.01.", "5.1.03.", "5.1.04.", "5.4.")):
                self.hit("7", f"a:{r['kd_rup']}|{line[1]}")
        if self.has("sipd-rka", "sipd-renja-subkegiatan"):
            for k, total in paid.items():
                if total - dpa.get(k, Decimal(0)) > ONE and not blank(k[0]):
                    self.hit("6", "|".join(k))
        if self.has("rup-paket-anggaran-penyedia"):
            for k, total in dpa.items():
                acc = k[2]
                need = acc.startswith("5.2.") or (acc.startswith("5.1.02.") and not acc.startswith("5.1.02.04."))
                if total > 0 and need and k not in used:
                    self.hit("7", "b:" + "|".join(k))

    def rule_8(self):
        if not self.has("rup-paket-penyedia-terumumkan"):
            return
        uses = [
            (pkg, r, r.get("tgl_pengumuman_nontender") or r.get("tgl_pengumuman_tender"))
            for pkg, rows in self.ann.items()
            for r in rows
        ]
        uses += [(f"EC:{r['kd_paket']}", r, r.get("tgl_order")) for r in self.f("ecat-paket-v6")]
        for pkg, r, at in uses:
            for code in split(r.get("kd_rup")):
                if code not in self.rup:
                    self.hit("8", f"{pkg}|{code}")
                    continue
                dates = [d for x in self.rup[code] if (d := when(x.get("tgl_pengumuman_paket")))]
                late = dates and when(at) and min(dates) > when(at)
                if not self.live(self.rupnow[code]) or late:
                    self.hit("8", f"{pkg}|{code}")

    def rule_9(self):
        for pkg, rows in self.ann.items():
            for r in rows:
                status = r.get("status_nontender") or r.get("status_tender")
                if status != "Gagal/Batal" and amt(r.get("hps")) > amt(r.get("pagu")):
                    self.hit("9", f"a:{pkg}")
        for c in self.con.values():
            now = self.annow(c["pkg"])
            if now is not None and c["v0"] > amt(now.get("hps")):
                self.hit("9", f"b:{c['key']}")

    def rule_10(self):
        if not self.has("rup-paket-penyedia-terumumkan"):
            return
        groups = [(set(codes), {pkg}) for pkg, codes in self.codes.items() if codes]
        merged = True
        while merged:
            merged = False
            for i in range(len(groups)):
                for j in range(i + 1, len(groups)):
                    if groups[i][0] & groups[j][0]:
                        groups[i] = (groups[i][0] | groups[j][0], groups[i][1] | groups[j][1])
                        del groups[j]
                        merged = True
                        break
                if merged:
                    break
        for codes, pkgs in groups:
            if any(code not in self.rup for code in codes):
                continue
            spent = sum((c["value"] for c in self.con.values() if c["pkg"] in pkgs), Decimal(0))
            spent += sum((amt(o.get("total_harga")) for k, o in self.orders.items() if f"EC:{k}" in pkgs), Decimal(0))
            if spent - sum((amt(self.rupnow[c].get("pagu")) for c in codes), Decimal(0)) > ONE:
                self.hit("10", min(codes))

    def rule_11(self):
        if not self.has("spse-tender-peserta"):
            return
        for pkg in list(self.ann):
            now = self.annow(pkg)
            if not pkg.startswith("T:") or now.get("status_tender") != "Selesai":
                continue
            kd = pkg[2:]
            win = [
                r
                for r in self.f("spse-tender-peserta")
                if r["kd_tender"] == kd and num(r.get("pemenang_terverifikasi")) == 1
            ]
            if len(win) != 1:
                self.hit("11", f"a:{pkg}")
                continue
            rows = [r for r in self.f("spse-tender-selesai-nilai") if r["kd_tender"] == kd]
            if rows:
                best = max(rows, key=Less)
                if blank(win[0].get("kd_penyedia")) or best.get("kd_penyedia") != win[0].get("kd_penyedia"):
                    self.hit("11", f"b:{pkg}")

    def sppbj(self, c):
        n = norm(c["first"].get("no_sppbj"))
        kd = c["pkg"].split(":")[1]
        rows = [
            r
            for r in self.f(f"spse-{c['kind']}-sppbj")
            if r["kd_" + c["kind"]] == kd and n and norm(r.get("no_sppbj")) == n
        ]
        return min(rows, key=lambda r: (amt(r.get("versi_addendum")), Less(r))) if rows else None

    def dates(self, rows, column):
        return [d for r in rows if (d := when(r.get(column)))]

    def rule_12_to_17(self):
        for key, c in self.con.items():
            award, first = self.sppbj(c), when(c["first"].get("tgl_kontrak"))
            start, bast = self.dates(c["spmk"], "tgl_spmk_spp"), self.dates(c["hands"], "tgl_bast")
            if award and when(award.get("tgl_sppbj")) and first and when(award["tgl_sppbj"]) > first:
                self.hit("12", f"a:{key}")
            if first and start and first > min(start):
                self.hit("12", f"b:{key}")
            if start and bast and min(start) > min(bast):
                self.hit("12", f"c:{key}")
            for h in c["hands"]:
                if when(h.get("tgl_bast")) and when(h.get("tgl_bap")) and when(h["tgl_bast"]) > when(h["tgl_bap"]):
                    self.hit("12", f"d:{key}|{norm(h.get('no_bap'))}")
            if award and blank(c["first"].get("alasan_ubah_nilai_kontrak")):
                if abs(c["v0"] - amt(award.get("harga_final"))) > ONE:
                    self.hit("13", key)
            if c["value"] - Decimal("1.10") * c["v0"] > ONE:
                self.hit("14", f"a:{key}")

            def va(r):
                return amt(r.get("versi_addendum"))

            for r in c["rows"]:
                for q in c["rows"]:
                    if va(r) == va(q) and amt(r.get("nilai_kontrak")) != amt(q.get("nilai_kontrak")):
                        self.hit("14", f"b:{key}")
                    a, b = when(r.get("tgl_kontrak")), when(q.get("tgl_kontrak"))
                    if va(r) > va(q) and a and b and a < b:
                        self.hit("14", f"c:{key}")
            if c["paid"] - c["value"] > ONE:
                self.hit("15", key)
            self.rule16(c)
            due = self.dates(c["spmk"], "tgl_selesai_pekerjaan")
            if bast and due and max(bast) > max(due):
                extended = any(
                    va(r) >= 1 and when(r.get("tgl_kontrak")) and when(r["tgl_kontrak"]) <= max(bast) for r in c["rows"]
                )
                if not extended and not self.fined(c):
                    self.hit("17", key)

    def rule16(self, c):
        if c["value"] <= 0 or any(blank(h.get("progres_pekerjaan")) for h in c["hands"]):
            return
        adv = sum((amt(h.get("besar_pembayaran")) for h in c["hands"] if num(h["progres_pekerjaan"]) == 0), Decimal(0))
        order = sorted(c["hands"], key=lambda h: (when(h.get("tgl_bap")) or self.as_of, num(h["progres_pekerjaan"])))
        for i in range(1, len(order) + 1):
            paid = sum((amt(h.get("besar_pembayaran")) for h in order[:i]), Decimal(0))
            top = max(num(h["progres_pekerjaan"]) for h in order[:i])
            advance = min(Fraction(adv) * 100 / Fraction(c["value"]), Fraction(30))
            if Fraction(paid) * 100 / Fraction(c["value"]) > Fraction(top) + 5 + advance:
                self.hit("16", c["key"])

    def fined(self, c):
        if not self.has("sipd-spm-potongan", "sipd-spm", "sipd-spp"):
            return False
        for p in self.f("sipd-spm-potongan"):
            spm = self.spm.get(p.get("idSpm"))
            spp = self.spp.get(spm.get("idSpp")) if spm else None
            if spp and "denda" in (p.get("nama_potongan") or "").lower() and self.spp_contract(spp) is c:
                return True
        return False

    def details(self):
        if not hasattr(self, "_details"):
            self._details = list(self.all_details())
        return self._details

    def all_details(self):
        for r in self.f("sipd-sp2d-detail"):
            head = self.sp2d.get(r.get("id_sp_2_d"))
            if head is not None and not blank(r.get("kode_sbl")):
                yield r["kode_sbl"], r.get("kode_rekening") or "", self.month(head), amt(r.get("jumlah"))

    def rule_18(self):
        for k, m in self.spm.items():
            p = self.spp.get(m.get("idSpp"))
            if p and amt(m.get("nilaiSpm")) - amt(p.get("nilaiSpp")) > ONE:
                self.hit("18", f"a:{k}")
        for k, s in self.sp2d.items():
            m = self.spm.get(s.get("id_spm"))
            if m and amt(s.get("nilai_sp_2_d")) - amt(m.get("nilaiSpm")) > ONE:
                self.hit("18", f"b:{k}")
        spd, out = defaultdict(lambda: Decimal(0)), defaultdict(lambda: Decimal(0))
        for r in self.f("sipd-spd-detail"):
            if not blank(r.get("kode_sbl")) and not blank(r.get("kode_akun")):
                spd[r["kode_sbl"], r["kode_akun"]] += amt(r.get("nilai"))
        for sbl, acc, _, a in self.details():
            if acc.startswith("5"):
                out[sbl, acc] += a
        if self.has("sipd-spd-detail"):
            for k, a in out.items():
                if a - spd.get(k, Decimal(0)) > ONE:
                    self.hit("18", "c:" + "|".join(k))
            if self.has("sipd-rka"):
                for k, a in spd.items():
                    if a - self.dpa(*k) > ONE:
                        self.hit("18", "d:" + "|".join(k))
        if self.has("sipd-anggaran-kas"):
            kas = [
                r
                for r in self.current("sipd-anggaran-kas", ["kode_sbl", "kode_akun"], "versi")
                if (r.get("kode_akun") or "").startswith("5")
            ]
            for sbl in {s for s, *_ in self.details()}:
                for m in range(1, 13):
                    if (
                        self.upto(sbl, m) - sum((self.cash(r, m) for r in kas if r.get("kode_sbl") == sbl), Decimal(0))
                        > ONE
                    ):
                        self.hit("18", f"e:{sbl}|{m}")

    def upto(self, sbl, month):
        return sum(
            (a for s, acc, m, a in self.details() if s == sbl and acc.startswith("5") and m is not None and m <= month),
            Decimal(0),
        )

    def rule_19(self):
        for k, p in self.spp.items():
            if p.get("jenisSpp") != "LS" or p.get("jenisLs") != "Barang dan Jasa":
                continue
            unit, n, c = p.get("kode_sub_skpd"), norm(p.get("nomorKontrak")), self.spp_contract(p)
            if c is None:
                known = any(
                    norm(o.get("kd_paket")) and norm(o["kd_paket"]) in n
                    for o in self.f("ecat-paket-v6")
                    if not blank(unit) and o.get("kd_satker_str") == unit
                )
                if self.has("spse-nontender-kontrak", "spse-tender-kontrak", "ecat-paket-v6") and not known:
                    self.hit("19", f"a:{k}")
                continue
            if self.has(f"spse-{c['kind']}-bapbast"):
                ok = False
                for h in c["hands"]:
                    if not norm(h.get("no_bap")) or norm(h["no_bap"]) != norm(p.get("nomorBA")):
                        continue
                    a, b = when(h.get("tgl_bast")), when(p.get("tanggalSpp"))
                    ok = ok or bool(a and b and a <= b) or num(h.get("progres_pekerjaan")) == 0
                if not ok:
                    self.hit("19", f"b:{k}")
            tax = digits(None if blank(p.get("npwpPenerimaSpp")) else p["npwpPenerimaSpp"])
            ids = {digits(v) for col, v in c["now"].items() if "npwp" in col}
            if not tax or tax not in ids:
                self.hit("19", f"c:{k}")
            if digits(p.get("nomorRekeningPenerimaSpp")) != digits(c["now"].get("no_rek_bank")):
                self.hit("19", f"d:{k}")

    def rule_20(self):
        for key, c in self.con.items():
            if not self.has(f"spse-{c['kind']}-bapbast", "sipd-spp", "sipd-spm", "sipd-sp2d"):
                continue
            got = self.sp2d_of(c)
            if not got and not c["hands"]:
                continue
            total = sum((amt(r.get("nilai_sp_2_d")) for r in got), Decimal(0))
            if total - c["paid"] > ONE:
                self.hit("20", f"a:{key}")
            old = [
                amt(h.get("besar_pembayaran"))
                for h in c["hands"]
                if when(h.get("tgl_bap")) and when(h["tgl_bap"]) <= self.as_of - timedelta(30)
            ]
            if sum(old, Decimal(0)) - total > ONE:
                self.hit("20", f"b:{key}")

    def rule_21(self):
        now = self.current("rfk-bulanan", ["kode_sbl", "bulan"], "update_fisik_at")
        for r in now:
            sbl, m = r.get("kode_sbl"), int(Decimal(r["bulan"]))
            if self.has("sipd-sp2d", "sipd-sp2d-detail"):
                if abs(amt(r.get("realisasi_anggaran")) - self.upto(sbl, m)) > ONE:
                    self.hit("21", f"a:{sbl}|{m}")
            if blank(r.get("realisasi_fisik")):
                continue
            past = [
                q
                for q in now
                if q.get("kode_sbl") == sbl and int(Decimal(q["bulan"])) < m and not blank(q.get("realisasi_fisik"))
            ]
            if past and num(max(past, key=lambda q: int(Decimal(q["bulan"])))["realisasi_fisik"]) > num(
                r["realisasi_fisik"]
            ):
                self.hit("21", f"b:{sbl}|{m}")

    def rule_22(self):
        if not self.has("bmd-kib"):
            return
        for key, c in self.con.items():
            codes, good = self.codes.get(c["pkg"], set()), True
            for code in codes:
                rows = [r for r in self.bridge if r["kd_rup"] == code]
                good = good and bool(rows)
                for r in rows:
                    line = self.mak(r)[1]
                    good = good and line is not None and line[1].startswith("5.2.")
            bast = self.dates(c["hands"], "tgl_bast")
            if not codes or not good or not bast or c["paid"] < c["value"] - 1:
                continue
            limit = max(bast) + timedelta(30)
            if limit > self.as_of:
                continue
            booked = sum(
                (
                    amt(a.get("harga_perolehan"))
                    for a in self.f("bmd-kib")
                    if a.get("kode_sub_skpd") == c["unit"]
                    and norm(a.get("no_kontrak_spk")) in c["numbers"]
                    and when(a.get("tgl_buku"))
                    and when(a["tgl_buku"]) <= limit
                ),
                Decimal(0),
            )
            if abs(booked - c["value"]) > ONE:
                self.hit("22", key)

    def rule_23(self):
        for key, c in self.con.items():
            f = c["first"]
            nip, at = (f.get("nip_ppk") or "").strip(), when(f.get("tgl_kontrak"))
            bad = not re.fullmatch(r"[0-9]{18}", nip)
            if not bad and self.has("siasn-pegawai"):
                bad = all((r.get("nipBaru") or "").strip() != nip for r in self.f("siasn-pegawai"))
            if not bad and at and self.has("siasn-pemberhentian"):
                bad = any(
                    (r.get("nipBaru") or "").strip() == nip
                    and when(r.get("tmtPensiun"))
                    and when(r["tmtPensiun"]) <= at
                    for r in self.f("siasn-pemberhentian")
                )
            if not bad and at and self.has("siasn-riwayat-jabatan"):
                posts = [
                    r
                    for r in self.f("siasn-riwayat-jabatan")
                    if (r.get("nipBaru") or "").strip() == nip
                    and when(r.get("tmtJabatan"))
                    and when(r["tmtJabatan"]) <= at
                ]
                last = max(posts, key=lambda r: (when(r["tmtJabatan"]), Less(r))) if posts else None
                bad = (
                    last is None or blank(last.get("kode_sub_skpd")) or last["kode_sub_skpd"] != f.get("kd_satker_str")
                )
            if bad:
                self.hit("23", f"a:{key}")

        def run(x):
            return set(re.findall(r"(?<![0-9])[0-9]{18}(?![0-9])", x or ""))

        for pkg, rows in self.ann.items():
            for r in rows:
                ppk = run(r.get("nip_nama_ppk")) | run(r.get("nip_ppk"))
                if ppk & (run(r.get("nip_nama_pokja")) | run(r.get("nip_nama_pp")) | run(r.get("nip_pokja"))):
                    self.hit("23", f"b:{pkg}")

    def rule_24(self):
        if self.has("srikandi-naskah"):
            kept = {(r.get("kode_sub_skpd"), norm(r.get("nomor_naskah"))) for r in self.f("srikandi-naskah")}
            kept = {k for k in kept if k[1] and not blank(k[0])}
            for key, c in self.con.items():
                if (c["unit"], norm(c["now"].get("no_kontrak"))) not in kept:
                    self.hit("24", f"a:{key}")
                for h in c["hands"]:
                    n = norm(h.get("no_bast"))
                    if n and (c["unit"], n) not in kept:
                        self.hit("24", f"b:{key}|{n}")
            for k, s in self.sp2d.items():
                if (s.get("kode_sub_skpd"), norm(s.get("nomor_sp_2_d"))) not in kept:
                    self.hit("24", f"c:{k}")
        recs = self.current("siptl-rekomendasi", ["id_rekomendasi"], None)
        finds = self.current("siptl-temuan", ["id_temuan"], None)
        for p in self.current("srikandi-penyusutan", ["id_penyusutan"], None):
            at = when(p.get("tanggal"))
            c = self.reached(p.get("kode_sub_skpd"), p.get("nomor_naskah"))
            if p.get("tindakan") != "musnah" or c is None or at is None:
                continue
            for t in finds:
                if t.get("kode_sub_skpd") != c["unit"] or norm(t.get("no_kontrak")) not in c["numbers"]:
                    continue
                if not when(t.get("tanggal_lhp")) or when(t["tanggal_lhp"]) > at:
                    continue
                for r in recs:
                    later = when(r.get("tanggal_status")) and when(r["tanggal_status"]) > at
                    if r.get("id_temuan") == t["id_temuan"] and (r.get("status") != "Sesuai" or later):
                        self.hit("24", f"d:{p['id_penyusutan']}")

    def rule_25(self):
        pk = self.f("sakip-perjanjian")
        if self.has("sakip-perjanjian"):
            for r in self.f("sakip-realisasi"):
                mine = [p for p in pk if p["id_indikator"] == r["id_indikator"]]
                days, at = self.dates(mine, "tanggal_penetapan"), when(r.get("tanggal_ukur"))
                if not mine or (days and at and at < min(days)):
                    self.hit("25", f"a:{r['id_indikator']}|{whole(r['bulan'])}")
            for r in self.f("skp-kinerja"):
                n = r.get("nomor_pk")
                if blank(n) or all(p.get("nomor_pk") != n for p in pk):
                    self.hit("25", f"b:{r['id_skp']}")
        if self.has("skp-kinerja"):
            ids = {r["id_skp"] for r in self.f("skp-kinerja")}
            for r in self.f("tpp-bayar"):
                if blank(r.get("id_skp")) or r["id_skp"] not in ids:
                    self.hit("25", f"c:{r['nip']}|{whole(r['bulan'])}")

    def rule_26(self):
        if not self.has("siptl-setoran"):
            return
        for r in self.current("siptl-rekomendasi", ["id_rekomendasi"], None):
            if r.get("status") != "Sesuai" or amt(r.get("nilai_rekomendasi")) <= 0:
                continue
            at = when(r.get("tanggal_status"))
            paid = sum(
                (
                    amt(s.get("nilai"))
                    for s in self.f("siptl-setoran")
                    if s.get("id_rekomendasi") == r["id_rekomendasi"]
                    and at
                    and when(s.get("tanggal_setor"))
                    and when(s["tanggal_setor"]) <= at
                ),
                Decimal(0),
            )
            if amt(r["nilai_rekomendasi"]) - paid > ONE:
                self.hit("26", r["id_rekomendasi"])

    def rule_27(self):
        for name, key in (
            ("sipd-renja-subkegiatan", ["kode_sbl"]),
            ("sipd-rka", ["id_rinci_sub_bl"]),
            ("sipd-dana", ["kode_sbl", "kodedana"]),
            ("sipd-anggaran-kas", ["kode_sbl", "kode_akun"]),
            ("sakip-perjanjian", ["id_indikator"]),
        ):
            seen = defaultdict(int)
            for r in self.f(name):
                if not blank(r.get("versi")):
                    seen["|".join(r[k] for k in key), int(Decimal(r["versi"]))] += 1
            for (k, v), n in seen.items():
                if n > 1:
                    self.hit("27", f"a:{name}|{k}|{v}")
                if v > 1 and (k, v - 1) not in seen:
                    self.hit("27", f"b:{name}|{k}|{v}")

    # figures

    def totals(self):
        t = defaultdict(lambda: defaultdict(lambda: Decimal(0)))
        for sbl, r in self.renja.items():
            t[r.get("kode_sub_skpd")]["pagu"] += self.pagu(sbl)
            t[r.get("kode_sub_skpd")]["dpa"] += self.dpa(sbl)
        for r in self.rupnow.values():
            if self.live(r):
                t[r.get("kd_satker_str")]["packages"] += amt(r.get("pagu"))
        for c in self.con.values():
            t[c["unit"]]["contracts"] += c["value"]
            t[c["unit"]]["paid"] += c["paid"]
        for o in self.orders.values():
            t[o.get("kd_satker_str")]["orders"] += amt(o.get("total_harga"))
        for s in self.sp2d.values():
            t[s.get("kode_sub_skpd")]["sp2d"] += amt(s.get("nilai_sp_2_d"))
        names = ("pagu", "dpa", "packages", "contracts", "orders", "paid", "sp2d")
        return {u: {n: format(v[n], ".2f") for n in names} for u, v in t.items() if not blank(u)}

    def funnel(self):
        announced = {k for k, r in self.rupnow.items() if self.live(r)}
        used = {c for rows in self.ann.values() for r in rows for c in split(r.get("kd_rup"))}
        used |= {c for r in self.f("ecat-paket-v6") for c in split(r.get("kd_rup"))}
        cs = self.con.values()

        def on(name, col, c):
            return any(r.get("kode_sub_skpd") == c["unit"] and norm(r.get(col)) in c["numbers"] for r in self.f(name))

        return {
            "rup_announced": len(announced),
            "rup_used": len(announced & used),
            "nontender_announced": sum(p.startswith("NT") for p in self.ann),
            "nontender_finished": len(
                {r["kd_nontender"] for r in self.f("spse-nontender-selesai") if r.get("status_nontender") == "Selesai"}
            ),
            "tender_announced": sum(p.startswith("T:") for p in self.ann),
            "tender_finished": sum(
                p.startswith("T:") and self.annow(p).get("status_tender") == "Selesai" for p in list(self.ann)
            ),
            "orders": len(self.orders),
            "contracts": len(self.con),
            "contracts_handed_over": sum(bool(c["hands"]) for c in cs),
            "contracts_with_sp2d": sum(bool(self.sp2d_of(c)) for c in cs),
            "contracts_in_register": sum(on("bmd-kib", "no_kontrak_spk", c) for c in cs),
            "contracts_with_finding": sum(on("siptl-temuan", "no_kontrak", c) for c in cs),
            "sp2d": len(self.sp2d),
            "letters": len({(r.get("kode_sub_skpd"), norm(r.get("nomor_naskah"))) for r in self.f("srikandi-naskah")}),
        }

    def mak_figures(self):
        clean, repaired, unresolved = 0, {}, []
        for r in self.bridge:
            how, line = self.mak(r)
            name = f"{r['kd_rup']}|{r.get('mak') or ''}"
            if how == "clean":
                clean += 1
            elif how == "repaired":
                repaired[name] = "|".join(line)
            else:
                unresolved.append(name)
        return {"clean": clean, "repaired": repaired, "unresolved": sorted(unresolved)}
