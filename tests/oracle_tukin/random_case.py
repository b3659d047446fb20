"""Random case folders that touch every rule: small, synthetic, from a seed."""

from __future__ import annotations

import copy
import csv
import json
import random
from calendar import monthrange
from datetime import date, datetime, timedelta
from pathlib import Path

import yaml

import consumers.tukin

POLICIES = Path(consumers.tukin.__file__).parent / "policies"
DAY = timedelta(days=1)
KINDS = [
    "DL", "bebas_piket", "cltn", "cuti_besar", "cuti_melahirkan", "cuti_melahirkan_3", "cuti_alasan_penting",
    "cuti_tahunan", "rawat_inap", "sakit", "izin", "aneh",
]  # fmt: skip
EDGES = [0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 92, 119, 120, 121, 151, 152, 240]
SHIFTS = [
    ("07:00", "14:00"),
    ("14:00", "21:00"),
    ("21:00", "07:00"),
    ("08:00", "08:00"),
    ("00:00", "08:00"),
    ("13:30", "20:15"),
]
EXTRAS = ["manual_in", "manual_out", "finding:seragam", "finding:keluar_kantor", "finding:lain", "DL", "sakit", "izin"]
JUNK = [
    "12\t2025-02-30 07:00:00\tGD1\t0\t15\t0",
    "\t2025-03-03 07:00:00\tGD1",
    "kacau",
    "11\t2000-01-01 07:45:10\tGD1",
    "11\t2031-05-05 07:45:10\tGD1",
    "99\t2025-03-03 07:45:10\tGD1",
    "11\t2025-03-03 07:45\tGD1",
]
HEADERS = {
    "employees": "nip,nama,unit,pola,kelas_jabatan,golongan,status,tmt_start,tmt_end,gaji_pokok,skp_predikat,"
    "tunjangan_profesi,plt_kelas,plt_jenis,plt_mulai,plt_selesai",
    "pins": "device,pin,nip,valid_from,valid_to",
    "calendar": "date,kind,time,nama,status",
    "roster": "nip,date,kind,start,end",
    "excuses": "id,nip,kind,part,date_from,date_to,time,reason,status",
    "sanctions": "id,nip,kode,pct,months,start_month,status",
    "class_amounts": "table,kelas,amount_rp,berlaku",
}


class Maker:
    """Makes one case; every choice comes from one random stream."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.months = self._months()
        self.first = date.fromisoformat(self.months[0] + "-01")
        year, month = map(int, self.months[-1].split("-"))
        self.last = date(year, month, monthrange(year, month)[1])
        self.number = 0

    def maybe(self, chance: float) -> bool:
        return self.r.random() < chance

    def day(self, before: int = 3, after: int = 3) -> date:
        return self.first + DAY * self.r.randint(-before, (self.last - self.first).days + after)

    def _months(self) -> list[str]:
        year, month = self.r.choice([(2024, 1), (2024, 2), (2025, 2), (2025, 3), (2025, 8), (2024, 12)])
        found = []
        for _ in range(self.r.choice([1, 1, 2, 3])):
            found.append(f"{year}-{month:02}")
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return found

    def close(self, month: str) -> date:
        year, number = map(int, month.split("-"))
        return date(year, number, monthrange(year, number)[1]) + DAY * 5

    # -- policies

    def policies(self, *, late: bool = False) -> list[dict]:
        names = ["pusat2013", "daerah4060", "kemenkeu2022", "permentan68", "dki2018", "dki2015", "kejaksaan2020",
                 "kemenag2014", "bgn2025", "_schema"]  # fmt: skip
        found = []
        for place, name in enumerate(self.r.sample(names, self.r.choice([1, 1, 2, 3]))):
            policy = copy.deepcopy(yaml.safe_load((POLICIES / f"{name}.yaml").read_text(encoding="utf-8"))[0])
            policy.update(status="secondary", berlaku="2013-01-01", diundangkan="2013-01-01", sampai=None)
            if place or late:
                policy["berlaku"] = self.day(0, 0).isoformat()
                policy["diundangkan"] = self.r.choice([policy["berlaku"], self.close(self.months[0]).isoformat()])
            if late and self.maybe(0.5):
                policy["diundangkan"] = "2013-01-02"
            if self.maybe(0.06):
                policy["status"] = "draft"
            if self.maybe(0.06):
                policy["sampai"] = max(policy["berlaku"], self.day().isoformat())
            found.append(self._mutated(policy))
        if self.maybe(0.3):
            over = copy.deepcopy(yaml.safe_load((POLICIES / "ntt2016.yaml").read_text(encoding="utf-8"))[0])
            over.update(sampai=None, hari_khusus=self._special())
            found.append(over)
        return found

    def _special(self) -> dict:
        special = {"base": self.r.choice(["total", "disiplin"]), "late": "25", "absent": "35"}
        if self.maybe(0.2):
            special.pop(self.r.choice(["late", "absent"]))
        return special

    def _mutated(self, p: dict) -> dict:
        pick, r = self.maybe, self.r
        if pick(0.25):
            p["flex"] = r.choice([None, {"max_min": r.choice([30, 60, 90]), "repay": r.choice(["exact", "block"])}])
        if pick(0.2):
            p["late"] = r.choice(
                [
                    {"tiers": []},
                    {"tiers": [[1, "0.5"], [31, "1"]]},
                    {"linear": {"pct": "5", "per_min": 300}},
                    {"clock": [["07:31", "0.5"], ["08:30", "1.25"], ["10:01", "2.5"]]},
                ]
            )
        if pick(0.2):
            p["early"] = r.choice([{"tiers": [[1, "0.5"], [61, "2"]]}, {"linear": {"pct": "3.5", "per_min": 210}}])
        tiers = "tiers" in p["late"] and "tiers" in p["early"]
        if not tiers:
            p["akumulasi"] = "harian"
        elif pick(0.25):
            p["akumulasi"] = r.choice(["harian", "bulanan"])
        if pick(0.3):
            p["cap_day"] = r.choice([None, "1", "2", "4.5"])
        if pick(0.3):
            p["cap_month"] = r.choice(["100", "3", "10", "50"])
        if pick(0.3):
            p["apel"] = r.choice([None, "2", "0.75"])
        if pick(0.3):
            p["findings"] = r.choice([{}, {"keluar_kantor": "2", "seragam": "0.5"}])
        if pick(0.25):
            p["hari_khusus"] = r.choice([None, self._special()])
        if pick(0.15):
            p["bebas_absen"] = r.choice([[], ["TUGAS_BELAJAR", "CPNS"]])
        if pick(0.2):
            p["prorata"] = r.choice(["hari_kerja", "hari_kalender"])
        if pick(0.3):
            p["bobot_disiplin"] = r.choice(["40", "100", "33.3", "60"])
        if pick(0.2):
            p["absent_whole_month_zero"] = not p["absent_whole_month_zero"]
        if pick(0.3):
            p["sanksi"] = {"ringan_1": {"pct": "20", "months": 1}, "sedang_1": {"pct": "40", "months": 6}}
        if pick(0.3):
            p["sanksi_overlap"] = r.choice(["max", "sum"])
        if pick(0.3):
            p["plt"] = r.choice([None, {"setingkat_pct": "20"}])
        if pick(0.2):
            p["pph21"] = r.choice(
                [{"mode": "none", "rates": {}}, {"mode": "final", "rates": {"III/b": "7.5", "III": "5"}}]
            )
        if pick(0.2):
            p["bpjs"] = r.choice([None, {"pct": "1", "cap_rp": 5000000}])
        if pick(0.2):
            p["amount"] = {"table": r.choice(["tpp", "tpp2"]), "indices": ["0.5911", "1.07"]}
        if pick(0.2):
            before, after = r.choice([0, 60, 900]), r.choice([0, 30, 600])
            p["window"] = {"open": "06:00", "close": r.choice(["18:00", "23:59"])}
            p["window"].update(shift_before_min=before, shift_after_min=after)
        for kind in KINDS:
            if pick(0.35):
                p["excuses"][kind] = self._rule()
        return p

    def _rule(self) -> dict:
        count = self.r.choice(["month", "year", "spell"])
        return self.r.choice(
            [
                {"mode": "free"},
                {"mode": "per_day", "count": count, "table": [[1, "0"], [3, "1.5"], [6, "2.5"]]},
                {"mode": "paid_table", "table": [[1, "100"], [3, "75"], [15, "50"], [31, "30"]]},
            ]
        )

    # -- tables

    def employees(self) -> list[list]:
        rows = []
        for number in range(1, self.r.choice([2, 3, 4]) + 1):
            nip = f"9900090000000000{number:02}"
            base = [nip, f"Pegawai {number}", "Unit A", self.r.choice(["5hari", "5hari", "shift"])]
            cuts = sorted({self.day(0, 0) for _ in range(self.r.choice([0, 0, 0, 1, 2]))})
            start: date = date(2020, 1, 1) if self.maybe(0.85) else self.day(0, 0)
            bounds = [start, *[cut for cut in cuts if cut > start]]
            for place, begins in enumerate(bounds):
                ends = bounds[place + 1] - DAY if place + 1 < len(bounds) and self.maybe(0.8) else ""
                if place + 1 == len(bounds) and self.maybe(0.12):
                    ends = max(self.day(0, 0), begins)
                rows.append([*base, *self._post(begins, ends)])
        return rows

    def _post(self, begins: date, ends: object) -> list:
        r = self.r
        plt = ["", "", "", ""]
        if self.maybe(0.25):
            plt = [r.choice(["7", "8", "12", "1"]), r.choice(["setingkat", "dibawah", "dibawah", "lain"]),
                   r.choice(["", self.first - DAY, self.first, self.day()]),
                   r.choice(["", self.last, self.day(), self.last + DAY])]  # fmt: skip
        return [
            r.choice(["5", "6", "7", "7", "8", "12"]),
            r.choice(["III/b", "II/a", "IV/c", "PPPK/IX", "III/d"]),
            r.choice(["PNS", "PNS", "PNS", "CPNS", "PPPK", "TUGAS_BELAJAR"]) if self.maybe(0.95) else "HONORER",
            begins, ends, r.choice([2785700, 3400000, 4900000, 8100000, 11950000]),
            r.choice(["baik", "sangat_baik", "kurang", "butuh_perbaikan", "nihil"]) if self.maybe(0.95) else "",
            r.choice(["", "", "", "0", "1500000", "9000000"]), *plt,
        ]  # fmt: skip

    def pins(self, nips: list[str]) -> list[list]:
        rows: dict[tuple, list] = {}
        for place, nip in enumerate(nips):
            pin = str(11 + place)
            shown = self.r.choice([pin, "00" + pin])
            device = self.r.choice(["GD1", "GD1", "*"])
            if self.maybe(0.2):
                turn = self.day(0, 0)
                rows["GD1", pin, "a"] = ["GD1", shown, nip, "2020-01-01", turn]
                rows["GD2", pin, "b"] = ["GD2", shown, nip, self.r.choice([turn, turn + DAY]), ""]
            else:
                rows[device, pin, "a"] = [device, shown, nip, "2020-01-01", ""]
            if self.maybe(0.05):
                rows["GD1", pin, "x"] = ["GD1", pin, nips[0], "2020-01-02", ""]
        if self.maybe(0.2):
            rows["GD1", "77", "a"] = ["GD1", "77", "990009999999999999", "2020-01-01", ""]
        return list(rows.values())

    def calendar(self) -> list[list]:
        rows = {}
        ramadan = self.day() if self.maybe(0.3) else None
        day = self.first - DAY * 3
        while day <= self.last + DAY * 3:
            if ramadan and ramadan <= day <= ramadan + DAY * 20:
                rows[day, "ramadan"] = [day, "ramadan", "", "", ""]
            for kind, chance in (("libur", 0.04), ("cuti_bersama", 0.03), ("apel", 0.08), ("khusus", 0.08)):
                if self.maybe(chance):
                    time = self.r.choice(["", "07:15", "07:30:00", "08:00"]) if kind == "apel" else ""
                    rows[day, kind] = [day, kind, time, "", "void" if self.maybe(0.08) else ""]
            day += DAY
        if self.maybe(0.02):
            for place in range(40):
                rows[self.first + DAY * place, "libur"] = [self.first + DAY * place, "libur", "", "", ""]
        return list(rows.values())

    def roster(self, employees: list[list]) -> list[list]:
        rows = {}
        for row in employees:
            chance = 0.7 if row[3] == "shift" and self.maybe(0.9) else 0.04
            day = self.first - DAY * 3
            while day <= self.last + DAY * 3:
                if self.maybe(chance):
                    times = self.r.choice(SHIFTS)
                    off = self.maybe(0.2)
                    rows[row[0], day] = [row[0], day, *(("off", "", "") if off else ("shift", *times))]
                day += DAY
        return list(rows.values())

    def excuses(self, nips: list[str], amount: int) -> list[list]:
        rows = []
        for _ in range(amount):
            self.number += 1
            kind = self.r.choice([*KINDS, *EXTRAS, "manual_in", "DL"])
            begins = self.day(20)
            length = self.r.choice([0, 0, 1, 2, 4, 9, 40])
            part = self.r.choice(["masuk", "pulang", ""]) if kind == "DL" or self.maybe(0.05) else ""
            time = self.r.choice(["07:25:00", "06:59", "07:31:00", "16:00", "20:55", "01:30", "07:05", "14:10"])
            reason = self.r.choice(["alat_rusak", "belum_terdaftar", "kahar", "lupa"])
            ends = "" if length == 0 else begins + DAY * length
            status = "approved" if self.maybe(0.85) else self.r.choice(["pending", "rejected"])
            rows.append([f"X{self.number:02}", self.r.choice(nips), kind, part, begins, ends, time, reason, status])
        return rows

    def sanctions(self, nips: list[str]) -> list[list]:
        rows = []
        for _ in range(self.r.choice([0, 0, 1, 2, 3])):
            self.number += 1
            year, month = map(int, self.months[0].split("-"))
            start = date(year - 1, month, 1) + DAY * 31 * self.r.randint(6, 13)
            kode = self.r.choice(["ringan_1", "sedang_1", "sedang_1", "lain"])
            pct, months = self.r.choice(["", "25", "60", "33.3"]), self.r.choice(["", "1", "3", "6"])
            status = "approved" if self.maybe(0.9) else "pending"
            rows.append([f"S{self.number:02}", self.r.choice(nips), kode, pct, months, start.isoformat()[:7], status])
        return rows

    def amounts(self) -> list[list]:
        rows = {}
        for table in ("tpp", "tpp2"):
            for kelas, amount in (("5", 3100000), ("6", 3650250), ("7", 4200000), ("8", 4600001), ("12", 9100003)):
                if self.maybe(0.97):
                    rows[table, kelas, "2020-01-01"] = [table, kelas, amount, "2020-01-01"]
                if self.maybe(0.15):
                    day = self.day()
                    rows[table, kelas, day] = [table, kelas, amount + 123457, day]
        return list(rows.values())

    # -- punches

    def punches(self, pins: list[list], roster: list[list]) -> list[tuple[str, datetime, str]]:
        shifts = {(row[0], row[1]): row for row in roster}
        found = []
        for device, pin, nip, *_ in pins:
            day = self.first - DAY * 2
            lazy = self.r.choice([0.02, 0.1, 0.3, 1.0]) if self.maybe(0.3) else 0.05
            while day <= self.last + DAY * 2:
                listed = shifts.get((nip, day))
                start, end = ("07:30", "16:00")
                if listed and listed[2] == "shift":
                    start, end = listed[3], listed[4]
                if self.maybe(lazy) or (day.isoweekday() > 5 and not listed and self.maybe(0.8)):
                    day += DAY
                    continue
                s = datetime.fromisoformat(f"{day}T{start}:00")
                e = datetime.fromisoformat(f"{day}T{end}:00")
                e = e if e > s else e + DAY
                place = self.r.choice(["GD1", "GD2"]) if device == "*" else device
                for base, sign in ((s, 1), (e, -1)):
                    if self.maybe(0.08):
                        continue
                    when = base + sign * timedelta(minutes=self._offset(), seconds=self.r.choice([0, 0, 59, 1, 30]))
                    found.append((pin, when, place))
                    if self.maybe(0.15):
                        found.append((pin, when + timedelta(seconds=self.r.choice([5, 59, 60, 61, 90])), place))
                if self.maybe(0.05):
                    found.append((pin, s + (e - s) / 2 + timedelta(seconds=self.r.choice([-1, 0, 1])), place))
                day += DAY
        return found

    def _offset(self) -> int:
        if self.maybe(0.55):
            return -self.r.randint(0, 25)
        return self.r.choice(EDGES) if self.maybe(0.8) else self.r.randint(-200, 300)


def write_table(folder: Path, name: str, rows: list[list]) -> None:
    """Write one CSV table; nothing where there is no row."""
    if rows:
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADERS[name].split(","), *rows])


def write_punches(make: Maker, folder: Path, punches: list[tuple[str, datetime, str]]) -> None:
    """Write punches to both kinds of file, some twice, some with an offset, in any order."""
    r = make.r
    lines, rows = [], []
    for pin, when, device in punches:
        text = when.isoformat(sep=r.choice(" T"))
        if make.maybe(0.05):
            text = (when - timedelta(hours=1)).isoformat() + "+07:00"
        elif make.maybe(0.05):
            text = (when - timedelta(hours=8)).isoformat() + ".250Z"
        for _ in range(r.choice([1, 1, 1, 2])):
            if make.maybe(0.85):
                lines.append(f"{pin:>9}\t{text}\t{device}\t{r.randint(0, 5)}\t15\t0")
            else:
                rows.append(f"{device},{pin},{text}")
    lines += [line for line in JUNK if make.maybe(0.15)]
    r.shuffle(lines)
    r.shuffle(rows)
    if lines:
        (folder / "punches.dat").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if rows:
        (folder / "punches.csv").write_text("\n".join(["device,pin,time", *rows]) + "\n", encoding="utf-8")


def make_case(seed: int, folder: Path) -> None:
    """Write the case of a seed into an empty folder."""
    make = Maker(seed)
    employees = make.employees()
    nips = sorted({row[0] for row in employees})
    pins, roster = make.pins(nips), make.roster(employees)
    as_of = make.close(make.months[-1])
    told = {
        "case": f"random-{seed}",
        "as_of": f"{as_of}T08:00:00",
        "months": [{"month": month, "close": make.close(month).isoformat()} for month in make.months],
    }
    (folder / "case.json").write_text(json.dumps(told), encoding="utf-8")
    punches = make.punches(pins, roster)
    tables = {
        "employees": employees,
        "pins": pins,
        "calendar": make.calendar(),
        "roster": roster,
        "excuses": make.excuses(nips, make.r.randint(0, 12)),
        "sanctions": make.sanctions(nips),
        "class_amounts": make.amounts(),
    }
    policies = make.policies()
    late = {month: folder / "late" / month for month in make.months[:-1] if make.maybe(0.8)}
    for place in late.values():
        place.mkdir(parents=True)
        _late(make, place, tables, nips)
        held = [one for one in punches if make.maybe(0.05)]
        punches = [one for one in punches if one not in held]
        write_punches(make, place, held)
    for name, rows in tables.items():
        write_table(folder, name, rows)
    write_punches(make, folder, punches)
    (folder / "policy.yaml").write_text(yaml.safe_dump(policies, sort_keys=False), encoding="utf-8")


def _late(make: Maker, folder: Path, tables: dict[str, list[list]], nips: list[str]) -> None:
    """Facts known late: new excuses, and rows of every table replaced or held back."""
    late: dict[str, list[list]] = {}
    late["excuses"] = make.excuses(nips, make.r.randint(0, 3))
    for name, rows in tables.items():
        for row in list(rows):
            if make.maybe(0.02 if name in ("calendar", "roster") else 0.12):
                late.setdefault(name, []).append(row)
                if make.maybe(0.5):
                    rows.remove(row)
                else:
                    changed = list(row)
                    if name == "excuses":
                        changed[-1] = make.r.choice(["rejected", "approved"])
                    if name == "employees":
                        changed[4] = make.r.choice(["5", "7"])
                    if name == "class_amounts":
                        changed[2] += 1000
                    late[name][-1] = changed
    for name, rows in late.items():
        write_table(folder, name, rows)
    if make.maybe(0.25):
        policies = make.policies(late=True)
        (folder / "policy.yaml").write_text(yaml.safe_dump(policies, sort_keys=False), encoding="utf-8")
