"""Processes that end with whoever started them, shown on the plainest server there is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bus import Unreachable
from ops.stack import process
from tests.integration import processes

_SERVER = "import signal, sys, time; {first}; print('serving', flush=True); time.sleep(600)"


def _launch(folder, first="pass") -> process.Launch:
    return process.Launch(
        argv=(sys.executable, "-I", "-S", "-c", _SERVER.format(first=first)),
        output=folder / "server.log",
        stop_signal=signal.SIGTERM,
        death_signal=signal.SIGKILL,
    )


@pytest.fixture
def tie():
    tie = process.Tie()
    yield tie
    tie.close()


def _start(folder, tie, kept=None, first="pass") -> dict:
    process.start(_launch(folder, first), folder, tie, kept)
    # What an earlier server said may still stand in its log.
    assert process.until(lambda: process.running(folder) and "serving" in (folder / "server.log").read_text(), 30)
    record = process.running(folder)
    assert record is not None
    return record


def test_a_server_ends_when_its_tie_is_closed(tmp_path, tie):
    _start(tmp_path, tie)
    tie.close()
    assert not processes.gone(tmp_path)
    assert not process.alive(tmp_path)
    assert process.running(tmp_path) is None


def test_a_kept_server_outlives_its_tie(tmp_path, tie):
    kept = tmp_path / "kept.json"
    record = _start(tmp_path, tie, kept)
    kept.write_text(json.dumps({"server": record}))
    tie.close()
    assert not process.until(lambda: not process.alive(tmp_path), 0.5)
    assert process.running(tmp_path) == record
    process.stop(tmp_path, signal.SIGTERM, 10)
    assert not processes.gone(tmp_path)


def test_a_server_kept_before_is_not_the_one_that_runs_now(tmp_path, tie):
    kept = tmp_path / "kept.json"
    former = _start(tmp_path, tie, kept)
    process.stop(tmp_path, signal.SIGTERM, 10)
    _start(tmp_path, tie, kept)
    kept.write_text(json.dumps({"server": former}))
    tie.close()
    assert not processes.gone(tmp_path)


def test_a_server_ends_when_its_asker_is_killed(tmp_path):
    program = f"""
import signal, sys, time
from pathlib import Path
from ops.stack import process
folder = Path({str(tmp_path)!r})
process.start(process.Launch({_launch(tmp_path).argv!r}, folder / "server.log", signal.SIGTERM, signal.SIGKILL),
              folder, process.Tie())
print("started", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as asker:
        assert asker.stdout.readline() == b"started\n"
        assert process.until(lambda: process.running(tmp_path) is not None, 30)
        asker.kill()
    assert not processes.gone(tmp_path)


def test_a_server_ends_when_its_keeper_is_killed(tmp_path, tie):
    record = _start(tmp_path, tie)
    keeper = next(pid for pid, command in processes.of(tmp_path).items() if "keeper.py" in command)
    assert keeper != record["pid"]
    os.kill(keeper, signal.SIGKILL)
    assert not processes.gone(tmp_path)


def test_a_server_ends_when_its_folder_is_removed(tmp_path, tie):
    folder = tmp_path / "home"
    folder.mkdir()
    _start(folder, tie)
    shutil.rmtree(folder)
    assert not processes.gone(folder)


def test_a_server_that_does_not_listen_is_killed(tmp_path, tie):
    _start(tmp_path, tie, first="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    process.stop(tmp_path, signal.SIGTERM, 0.2)
    assert not processes.gone(tmp_path)


@pytest.mark.parametrize("wrong", [{}, {"started": 1}, {"boot": "another"}])
def test_stop_leaves_a_process_alone_that_only_has_the_number(tmp_path, tie, wrong):
    """A foreign process under the recorded number, even one with the recorded start: it does not hold the lock."""
    record = _start(tmp_path, tie)
    process.stop(tmp_path, signal.SIGTERM, 10)
    other = tmp_path / "other"
    other.mkdir()
    foreign = _start(other, tie)
    (tmp_path / "process.json").write_text(json.dumps({**record, **foreign, **wrong}))
    assert process.running(tmp_path) is None
    process.stop(tmp_path, signal.SIGKILL, 10)
    assert process.running(other) == foreign


def test_one_server_at_a_time_has_a_folder(tmp_path, tie, monkeypatch):
    record = _start(tmp_path, tie)
    monkeypatch.setattr(process, "_END_S", 0.2)
    with pytest.raises(Unreachable, match="held by a process"):
        process.start(_launch(tmp_path), tmp_path, tie)
    assert process.running(tmp_path) == record


@pytest.mark.parametrize("damaged", ["", "[]", "{}", '{"pid": "1"}', '{"pid": 1}', "\x00"])
def test_a_damaged_record_names_nobody(tmp_path, damaged):
    (tmp_path / "process.json").write_text(damaged)
    assert process.running(tmp_path) is None


def test_a_command_that_fails_says_what_it_printed_last(tmp_path, tie):
    launch = process.Launch(
        ("/bin/sh", "-c", "cat; exit 7"), tmp_path / "log", signal.SIGTERM, signal.SIGKILL, env={"PATH": os.defpath}
    )
    with pytest.raises(Unreachable, match=r"sh ended with 7\.(.|\n)*the disk is on fire"):
        process.run(launch, tie, said="the disk is on fire\n")


def test_what_a_command_started_ends_with_its_asker(tmp_path):
    program = f"""
import signal
from pathlib import Path
from ops.stack import process
launch = process.Launch(("/bin/sh", "-c", "echo on >> log; sleep 600 & sleep 600"), Path("log").absolute(),
                        signal.SIGTERM, signal.SIGKILL, env={{"PATH": "{os.defpath}"}})
process.run(launch, process.Tie())
"""
    log = tmp_path / "log"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    ) as asker:
        assert process.until(lambda: log.exists() and "on" in log.read_text() and len(processes.of(tmp_path)) > 3, 30)
        asker.kill()
    assert not processes.gone(tmp_path)
