"""A second, independent reading of the TUKIN rule sheet: plain dictionaries, brute force, no speed.

It shares nothing with the engine. Where the two differ, the text of the rule sheet decides.
"""

from __future__ import annotations

import csv
import json
import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import yaml

DAY = timedelta(days=1)
TABLES = {
    "employees": ["nip", "tmt_start"],
    "pins": ["device", "pin", "valid_from"],
    "calendar": ["date", "kind"],
    "roster": ["nip", "date"],
    "excuses": ["id"],
    "sanctions": ["id"],
    "class_amounts": ["table", "kelas", "berlaku"],
}
MONEY = [
    "gross_rp",
    "discipline_base_rp",
    "discipline_cut_rp",
    "performance_base_rp",
    "performance_rp",
    "special_cut_rp",
    "sanction_cut_rp",
    "earned_rp",
    "adjustment_rp",
    "carry_rp",
    "paid_rp",
    "pph21_rp",
    "bpjs_rp",
    "net_rp",
]
ORDER = [
    "DL",
    "bebas_piket",
    "cltn",
    "cuti_besar",
    "cuti_melahirkan",
    "cuti_melahirkan_3",
    "cuti_alasan_penting",
    "cuti_tahunan",
    "rawat_inap",
    "sakit",
    "izin",
]


def rp(x):
    """R31."""
    return (x + Fraction(1, 2)).__floor__()


def d(text):
    return date.fromisoformat(text)


def clock(text):
    parts = [int(p) for p in text.split(":")] + [0]
    return timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])


def pct(text):
    return Fraction(text) / 100


def pin_of(text):
    text = text.strip()
    while len(text) > 1 and text[0] == "0":
        text = text[1:]
    return text


def moment(text):
    m = re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", text)
    if not m:
        return None
    try:
        t = datetime.fromisoformat(m[1] + "T" + m[2] + (m[4] or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    if t.tzinfo is not None:
        t = (t - t.utcoffset()).replace(tzinfo=None) + timedelta(hours=8)
    return t


class World:
    """Everything known at a close."""

    def __init__(self, folders, as_of, close):
        self.close = close
        self.t = {name: {} for name in TABLES}
        self.punches, self.bad, self.policies = set(), set(), {}
        for folder in folders:
            self.read(folder)
        self.quarantine = [{"device": "", "pin": "", "time": x, "reason": "bad_row"} for x in self.bad]
        self.by_nip = {}
        self.nips = sorted({r["nip"] for r in self.t["employees"].values()})
        for when, device, pin in sorted(self.punches):
            who, why = self.owner(device, pin, when.date())
            if when < datetime(2010, 1, 1):
                why = "clock_epoch"
            elif when > as_of:
                why = "clock_future"
            if why:
                self.quarantine.append({"device": device, "pin": pin, "time": when.isoformat(), "reason": why})
                continue
            kept = self.by_nip.setdefault(who, [])
            if not kept or (when - kept[-1]).total_seconds() > 60:
                kept.append(when)

    def read(self, folder):
        for name, key in TABLES.items():
            path = folder / f"{name}.csv"
            if path.exists():
                with path.open(encoding="utf-8", newline="") as file:
                    for row in csv.DictReader(file):
                        cells = {k: (v or "").strip() for k, v in row.items() if k}
                        self.t[name][tuple(pin_of(cells[k]) if k == "pin" else cells[k] for k in key)] = cells
        if (folder / "punches.dat").exists():
            for line in (folder / "punches.dat").read_text(encoding="utf-8").split("\n"):
                cells = [c.strip() for c in line.split("\t")]
                if line.strip():
                    self.punch(*[*cells, "", "", ""][:3], line.strip())
        if (folder / "punches.csv").exists():
            with (folder / "punches.csv").open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    c = {k: (row.get(k) or "").strip() for k in ("device", "pin", "time")}
                    self.punch(c["pin"], c["time"], c["device"], f"{c['device']},{c['pin']},{c['time']}")
        if (folder / "policy.yaml").exists():
            for policy in yaml.safe_load((folder / "policy.yaml").read_text(encoding="utf-8")) or []:
                self.policies[policy["id"]] = policy

    def punch(self, pin, time, device, line):
        when = moment(time)
        if when is None or not pin or not device:
            self.bad.add(line)
        else:
            self.punches.add((when, device, pin_of(pin)))

    def owner(self, device, pin, day):
        def rows(on):
            return {
                r["nip"]
                for r in self.t["pins"].values()
                if pin_of(r["pin"]) == pin
                and r["device"] == on
                and d(r["valid_from"]) <= day
                and (not r.get("valid_to") or day <= d(r["valid_to"]))
            }

        found = rows(device) or rows("*")
        if not found:
            return None, "unmapped_pin"
        if len(found) > 1:
            return None, "ambiguous_pin"
        (nip,) = found
        return nip, "" if nip in self.nips else "unknown_nip"

    def kinds(self, day):
        return {
            r["kind"]: r.get("time", "")
            for r in self.t["calendar"].values()
            if r["date"] == day.isoformat() and r.get("status") != "void"
        }

    def office(self, day):
        kinds = self.kinds(day)
        return day.isoweekday() <= 5 and "libur" not in kinds and "cuti_bersama" not in kinds

    def policy(self, day, jenis):
        fit = [
            p
            for p in self.policies.values()
            if p["jenis"] == jenis
            and p["status"] != "draft"
            and d(p["diundangkan"]) <= self.close
            and d(p["berlaku"]) <= day
            and (p["sampai"] is None or day <= d(p["sampai"]))
        ]
        return max(fit, key=lambda p: (p["diundangkan"], p["berlaku"], p["id"]), default=None)

    def employee(self, nip, day):
        rows = [
            r
            for r in self.t["employees"].values()
            if r["nip"] == nip and d(r["tmt_start"]) <= day and (not r.get("tmt_end") or day <= d(r["tmt_end"]))
        ]
        return max(rows, key=lambda r: r["tmt_start"]) if rows else None

    def excuses(self, nip):
        rows = [r for r in self.t["excuses"].values() if r["nip"] == nip and r.get("status") == "approved"]
        return sorted(rows, key=lambda r: r["id"])

    def amount(self, policy, kelas, day):
        rows = [
            r
            for r in self.t["class_amounts"].values()
            if r["table"] == policy["amount"]["table"] and r["kelas"] == kelas and d(r["berlaku"]) <= day
        ]
        if not rows:
            return None
        a = Fraction(max(rows, key=lambda r: r["berlaku"])["amount_rp"])
        for index in policy["amount"]["indices"]:
            a *= Fraction(index)
        return rp(a)


def covers(row, day):
    return d(row["date_from"]) <= day <= d(row.get("date_to") or row["date_from"])


def partial(row):
    return row["kind"] == "DL" and row.get("part") in ("masuk", "pulang")


def step(rows, n):
    out = Fraction(0)
    for start, p in rows:
        if start <= n:
            out = pct(p)
    return out


class Emp:
    """One NIP in one world."""

    def __init__(self, world, nip):
        self.w, self.nip = world, nip

    def duty_day(self, day):
        row = self.w.employee(self.nip, day)
        if row is None:
            return None
        r = self.w.t["roster"].get((self.nip, day.isoformat()))
        if r is not None:
            return "roster" if r["kind"] == "shift" else None
        if row["pola"] == "shift":
            return None
        return "office" if self.w.office(day) else None

    def duties(self, first, last):
        """All duties between two dates, windows cut."""
        found = []
        day = first - 12 * DAY
        while day <= last + 12 * DAY:
            kind, p = self.duty_day(day), self.w.policy(day, "utama")
            if kind and p:
                zero = datetime(day.year, day.month, day.day)
                win = p["window"]
                if kind == "office":
                    hours = p["jam_kerja"]["ramadan" if "ramadan" in self.w.kinds(day) else "normal"]
                    s, e = hours["jumat" if day.isoweekday() == 5 else "senin_kamis"]
                    s, e = zero + clock(s), zero + clock(e)
                    lo, hi = zero + clock(win["open"]), zero + clock(win["close"])
                else:
                    r = self.w.t["roster"][(self.nip, day.isoformat())]
                    s, e = zero + clock(r["start"]), zero + clock(r["end"])
                    if e <= s:
                        e += DAY
                    lo = s - timedelta(minutes=win["shift_before_min"])
                    hi = e + timedelta(minutes=win["shift_after_min"])
                found.append({"day": day, "kind": kind, "s": s, "e": e, "lo": lo, "hi": hi, "cond": []})
            day += DAY
        for a, b in pairwise(found):
            if a["hi"] >= b["lo"]:
                m = a["e"] + (b["s"] - a["e"]) / 2
                a["cond"].append(lambda t, m=m: t < m)
                b["cond"].append(lambda t, m=m: t >= m)
        return {x["day"]: x for x in found}

    def inout(self, duty):
        mid = duty["s"] + (duty["e"] - duty["s"]) / 2
        mine = [
            t
            for t in self.w.by_nip.get(self.nip, [])
            if duty["lo"] <= t <= duty["hi"] and all(c(t) for c in duty["cond"])
        ]
        ins, outs = [t for t in mine if t < mid], [t for t in mine if t >= mid]
        for r in self.w.excuses(self.nip):
            if r["kind"] in ("manual_in", "manual_out") and r.get("reason") in (
                "alat_rusak",
                "belum_terdaftar",
                "kahar",
            ):
                if d(r["date_from"]) != duty["day"]:
                    continue
                t = datetime.combine(duty["day"], datetime.min.time()) + clock(r["time"])
                if r["kind"] == "manual_in":
                    ins.append(t + DAY if t < duty["s"] - timedelta(hours=12) else t)
                else:
                    outs.append(t + DAY if t < duty["s"] else t)
        return (min(ins) if ins else None), (max(outs) if outs else None)

    def chosen(self, day):
        row, p = self.w.employee(self.nip, day), self.w.policy(day, "utama")
        if not self.duty_day(day) or (p and row["status"] in p["bebas_absen"]):
            return None
        fit = [
            r
            for r in self.w.excuses(self.nip)
            if not r["kind"].startswith("manual_") and not r["kind"].startswith("finding:") and not partial(r)
            if covers(r, day)
        ]
        if not fit:
            return None
        return min(fit, key=lambda r: (ORDER.index(r["kind"]) if r["kind"] in ORDER else 99, r["kind"], r["id"]))

    def running(self, row, count, day):
        start = {"month": day.replace(day=1), "year": day.replace(month=1, day=1), "spell": d(row["date_from"])}[count]
        n = 0
        while start <= day:
            c = self.chosen(start)
            if c and (c["id"] == row["id"] if count == "spell" else c["kind"] == row["kind"]):
                n += 1
            start += DAY
        return n

    def month(self, month):
        y, mo = map(int, month.split("-"))
        dates = [date(y, mo, i + 1) for i in range(monthrange(y, mo)[1])]
        duties = self.duties(dates[0], dates[-1])
        errors, days, judged_shift = [], [], []
        minutes, leaves = {}, {}
        special = cut = gross = base = Fraction(0)
        worth = {}
        n_office = sum(self.w.office(x) for x in dates)
        active = [x for x in dates if self.w.employee(self.nip, x)]
        for day in active:
            row, p = self.w.employee(self.nip, day), self.w.policy(day, "utama")
            if p is None:
                errors.append((day.isoformat(), "no_rule"))
                continue
            t = self.allowance(row, p, day, dates, errors)
            b = pct(p["bobot_disiplin"])
            worth[day] = b * t
            if p["prorata"] == "hari_kalender" or n_office == 0:
                w = Fraction(1, len(dates))
            else:
                w = Fraction(1, n_office) if self.w.office(day) else Fraction(0)
            gross += w * t
            base += w * b * t
            free = row["status"] in p["bebas_absen"]
            if row["pola"] == "shift" and not free:
                judged_shift.append(day)
            rec = self.day(day, row, p, duties.get(day), free, errors, minutes, leaves)
            days.append(rec)
            share = rec.pop("share")
            if rec["cut_base"] == "total":
                special += share * t
            else:
                cut += share * b * t
        if judged_shift and not any((self.nip, x.isoformat()) in self.w.t["roster"] for x in judged_shift):
            errors.append((judged_shift[0].isoformat(), "no_roster"))
        for (pid, side), fed in minutes.items():
            tiers = self.w.policies[pid][side]["tiers"]
            cut += step(tiers, sum(n for _, n in fed)) * worth[fed[-1][0]]
        best = {}
        for rid, (day, r) in leaves.items():
            p = self.w.policy(day, "utama")
            n = (min(d(r.get("date_to") or r["date_from"]), dates[-1]) - d(r["date_from"])).days + 1
            loss = 1 - step(p["excuses"][r["kind"]]["table"], n)
            if r["kind"] not in best or (loss, rid) > best[r["kind"]][:2]:
                best[r["kind"]] = (loss, rid, day)
        for loss, _, day in best.values():
            cut += loss * worth[day]
        out = {"nip": self.nip, "days": days, "active": bool(active), "errors": errors}
        out["mrow"] = self.w.employee(self.nip, active[-1]) if active else None
        out["m"] = self.w.policy(active[-1], "utama") if active else None
        if not active:
            out.update(dict.fromkeys(MONEY, 0))
            return out
        self.pay(out, month, gross, base, cut, special, active[-1])
        return out

    def allowance(self, row, p, day, dates, errors):
        a, f = self.w.amount(p, row["kelas_jabatan"], day), p["status_factor"].get(row["status"])
        if a is None:
            errors.append((day.isoformat(), "no_amount"))
        if f is None:
            errors.append((day.isoformat(), "no_status_factor"))
        plus = Fraction(0)
        if (
            row.get("plt_kelas")
            and (not row.get("plt_mulai") or d(row["plt_mulai"]) <= dates[0])
            and (not row.get("plt_selesai") or d(row["plt_selesai"]) >= dates[-1])
        ):
            if p["plt"] is None or row.get("plt_jenis") not in ("setingkat", "dibawah"):
                errors.append((day.isoformat(), "no_plt_rule"))
            else:
                other = self.w.amount(p, row["plt_kelas"], day)
                if other is None:
                    errors.append((day.isoformat(), "no_amount"))
                elif row["plt_jenis"] == "setingkat":
                    plus = pct(p["plt"]["setingkat_pct"]) * other
                else:
                    plus = Fraction(max(0, other - (a or 0)))
        t = Fraction(a or 0) * pct(f or "0") + plus - int(row.get("tunjangan_profesi") or 0)
        return t if t > 0 else Fraction(0)

    def day(self, day, row, p, duty, free, errors, minutes, leaves):
        rec = {"date": day.isoformat(), "in": None, "out": None, "late_min": 0, "early_min": 0}
        rec.update(status="libur", cut_base="disiplin", share=Fraction(0))
        if duty is None:
            return self.done(rec)
        came, left = self.inout(duty)
        rec["in"], rec["out"] = (x.isoformat() if x else None for x in (came, left))
        if free:
            rec["status"] = "bebas_absen"
            return self.done(rec)
        excuse = self.chosen(day)
        if excuse is not None:
            kind = rec["status"] = excuse["kind"]
            rule = p["excuses"].get(kind)
            if rule is None:
                errors.append((day.isoformat(), "no_excuse_rule"))
            elif rule["mode"] == "per_day":
                rec["share"] = step(rule["table"], self.running(excuse, rule["count"], day))
            elif rule["mode"] == "paid_table":
                leaves[excuse["id"]] = (day, excuse)
            return self.done(rec)
        self.judge(day, p, duty, came, left, rec, errors, minutes)
        return self.done(rec)

    def judge(self, day, p, duty, came, left, rec, errors, minutes):
        parts = {r["part"] for r in self.w.excuses(self.nip) if partial(r) and covers(r, day)}
        kinds = self.w.kinds(day)
        hk = None
        if "khusus" in kinds:
            over = self.w.policy(day, "tambahan")
            hk = (over or {}).get("hari_khusus") or p["hari_khusus"]
        if came is None and left is None and not parts:
            rec["status"], rec["share"] = "alpa", pct(p["absent"])
            if hk and hk.get("absent") is not None:
                rec["share"], rec["cut_base"] = pct(hk["absent"]), hk["base"]
            return
        monthly = p["akumulasi"] == "bulanan"
        feed = {}
        total = Fraction(0)
        end = duty["e"]
        no_in = "masuk" not in parts and came is None
        no_out = "pulang" not in parts and left is None
        if no_in:
            total += pct(p["missing_in"])
        elif "masuk" not in parts:
            late = max(0, int((came - duty["s"]).total_seconds() // 60))
            rec["late_min"] = late
            if p["flex"] and 1 <= late <= p["flex"]["max_min"]:
                end += timedelta(minutes=late if p["flex"]["repay"] == "exact" else p["flex"]["max_min"])
            elif monthly:
                feed["late"] = late
            else:
                total += self.scale(p, "late", late)
        if no_out:
            total += pct(p["missing_out"])
        elif "pulang" not in parts:
            early = max(0, int((end - left).total_seconds() // 60))
            rec["early_min"] = early
            if monthly:
                feed["early"] = early
            else:
                total += self.scale(p, "early", early)
        missed = False
        if "apel" in kinds and duty["kind"] == "office" and "masuk" not in parts:
            at = datetime.combine(day, datetime.min.time()) + clock(kinds["apel"]) if kinds["apel"] else duty["s"]
            missed = came is None or came >= at + timedelta(seconds=60)
        if missed and p["apel"] is not None:
            total += pct(p["apel"])
        for r in self.w.excuses(self.nip):
            if r["kind"].startswith("finding:") and covers(r, day):
                name = r["kind"][len("finding:") :]
                if name in p["findings"]:
                    total += pct(p["findings"][name])
                else:
                    errors.append((day.isoformat(), "no_finding_rule"))
        if p["cap_day"] is not None:
            total = min(total, pct(p["cap_day"]))
        rec["status"] = "tanpa_masuk" if no_in else "tanpa_pulang" if no_out else "hadir"
        rec["share"] = total
        if hk and hk.get("late") is not None and (rec["late_min"] >= 1 or no_in or missed):
            rec["share"], rec["cut_base"] = pct(hk["late"]), hk["base"]
            return
        for side, n in feed.items():
            if n:
                minutes.setdefault((p["id"], side), []).append((day, n))

    def scale(self, p, side, n):
        ((kind, rule),) = p[side].items()
        if kind == "tiers":
            return step(rule, n)
        if kind == "linear":
            return n * pct(rule["pct"]) / rule["per_min"]
        start = clock(p["jam_kerja"]["normal"]["senin_kamis"][0])
        return step([[(clock(c) - start).total_seconds() // 60, x] for c, x in rule], n)

    def done(self, rec):
        millionths = rp(rec["share"] * 100 * 10**6)
        rec["cut_pct"] = f"{millionths // 10**6}.{millionths % 10**6:06d}".rstrip("0").rstrip(".")
        return rec

    def pay(self, out, month, gross, base, cut, special, last):
        m, row, errors = out["m"], out["mrow"], out["errors"]
        share = Fraction(0)
        if m:
            share = self.sanction(m, month, last, errors)
        if not errors:
            out["gross_rp"], out["discipline_base_rp"] = rp(gross), rp(base)
            out["discipline_cut_rp"] = rp(min(cut, pct(m["cap_month"]) * base))
            duty = [x for x in out["days"] if x["status"] != "libur"]
            if m["absent_whole_month_zero"] and duty and all(x["status"] == "alpa" for x in duty):
                out["discipline_cut_rp"] = out["discipline_base_rp"]
            perf = out["performance_base_rp"] = out["gross_rp"] - out["discipline_base_rp"]
            paid_share = m["skp"].get(row["skp_predikat"])
            if perf and paid_share is None:
                errors.append((last.isoformat(), "no_skp_rule"))
            if m["pph21"]["mode"] == "final" and rate(m, row) is None:
                errors.append((last.isoformat(), "no_tax_rule"))
            out["performance_rp"] = rp(perf * pct(paid_share or "0"))
            rest = out["discipline_base_rp"] - out["discipline_cut_rp"] + out["performance_rp"]
            out["special_cut_rp"] = min(rest, rp(special))
            rest -= out["special_cut_rp"]
            out["sanction_cut_rp"] = min(rest, rp(out["gross_rp"] * share))
            out["earned_rp"] = rest - out["sanction_cut_rp"]

    def sanction(self, m, month, last, errors):
        found = []
        index = int(month[:4]) * 12 + int(month[5:])
        for r in self.w.t["sanctions"].values():
            if r["nip"] != self.nip or r.get("status") != "approved":
                continue
            begun = index - int(r["start_month"][:4]) * 12 - int(r["start_month"][5:])
            if begun < 0:
                continue
            rule = m["sanksi"].get(r.get("kode"))
            if not r.get("months") and rule is None:
                errors.append((last.isoformat(), "no_sanction_rule"))
                continue
            if begun >= int(r["months"] if r.get("months") else rule["months"]):
                continue
            if not r.get("pct") and rule is None:
                errors.append((last.isoformat(), "no_sanction_rule"))
                continue
            found.append(pct(r["pct"] if r.get("pct") else rule["pct"]))
        if not found:
            return Fraction(0)
        return max(found) if m["sanksi_overlap"] == "max" else min(Fraction(1), sum(found))


def rate(m, row):
    if m["pph21"]["mode"] == "none":
        return Fraction(0)
    rates = m["pph21"]["rates"]
    for name in (row["golongan"], row["golongan"].split("/")[0]):
        if name in rates:
            return pct(rates[name])
    return None


def first_errors(errors):
    best = {}
    for when, code in sorted(errors):
        best.setdefault(code, when)
    return [{"date": when, "code": code} for code, when in sorted(best.items(), key=lambda x: (x[1], x[0]))]


def statement(folder: Path) -> dict:
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    as_of = moment(case["as_of"])
    folders, settled, carry, months = [folder], {}, {}, []
    for entry in sorted(case["months"], key=lambda x: x["month"]):
        world = World(folders, as_of, d(entry["close"]))
        before = [x["month"] for x in months]
        lines = [close_line(world, nip, entry["month"], before, settled, carry) for nip in world.nips]
        good = [x for x in lines if not x["errors"]]
        totals = {k: sum(x[k] for x in good) for k in MONEY}
        totals.update(employees=len(lines), errors=len(lines) - len(good))
        months.append({**entry, "employees": lines, "quarantine": world.quarantine, "totals": totals})
        if (folder / "late" / entry["month"]).exists():
            folders.append(folder / "late" / entry["month"])
    return {"months": months}


def close_line(world, nip, month, earlier, settled, carry):
    emp = Emp(world, nip)
    out = emp.month(month)
    out["adjustments"] = []
    old = carry.get(nip, 0)
    due, news = old, {}
    for m in earlier:
        again = emp.month(m)
        if not again["errors"]:
            delta = again["earned_rp"] - settled.get((nip, m), 0)
            if delta:
                due += delta
                news[m] = again["earned_rp"]
                label = "kurang_bayar" if delta > 0 else "potongan_bulan_lalu"
                out["adjustments"].append({"for_month": m, "amount_rp": delta, "label": label})
    if old:
        out["adjustments"].append({"for_month": "carry", "amount_rp": old, "label": "sisa_potongan"})
    if not out["active"] and due:
        end = date(int(month[:4]), int(month[5:]), monthrange(int(month[:4]), int(month[5:]))[1])
        rows = [r for r in world.t["employees"].values() if r["nip"] == nip and d(r["tmt_start"]) <= end]
        out["mrow"], out["m"] = max(rows, key=lambda r: r["tmt_start"]) if rows else None, world.policy(end, "utama")
        if out["m"] is None or out["mrow"] is None or rate(out["m"], out["mrow"]) is None:
            out["errors"].append((end.isoformat(), "no_tax_rule"))
    if out["errors"]:
        out.update(dict.fromkeys(MONEY), adjustments=[], errors=first_errors(out["errors"]))
        return out
    settled[nip, month] = out["earned_rp"]
    for m, amount in news.items():
        settled[nip, m] = amount
    out["adjustment_rp"] = max(due, -out["earned_rp"])
    out["carry_rp"] = carry[nip] = due - out["adjustment_rp"]
    paid = out["paid_rp"] = out["earned_rp"] + out["adjustment_rp"]
    out["pph21_rp"] = rp(paid * rate(out["m"], out["mrow"])) if paid else 0
    bpjs = out["m"]["bpjs"] if paid else None
    out["bpjs_rp"] = 0
    if bpjs:
        out["bpjs_rp"] = rp(pct(bpjs["pct"]) * max(0, min(paid, bpjs["cap_rp"] - int(out["mrow"]["gaji_pokok"]))))
    out["net_rp"] = max(0, paid - out["pph21_rp"] - out["bpjs_rp"])
    return out
