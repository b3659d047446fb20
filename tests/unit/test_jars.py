"""Kafka's jars: what is listed comes, and nothing else."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from bus import Unreachable
from ops.stack import jars
from ops.stack.jars import JARS, Jar, JarMismatch, JarSource


def _jar(content: bytes, artifact: str = "told") -> Jar:
    return Jar(hashlib.sha256(content).hexdigest(), "org.example.told", artifact, "1.0")


@pytest.fixture
def maven(tmp_path):
    """A repository as a folder: put a jar's bytes there."""
    folder = tmp_path / "maven"

    def put(jar: Jar, content: bytes) -> str:
        file = folder / jar.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return folder.as_uri()

    return put


@pytest.fixture(autouse=True)
def _no_local_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def served():
    """A repository over HTTP that gives every request the same answer."""
    answers: list[tuple[int, dict[str, str], bytes]] = []
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, body = answers[min(len(asked), len(answers)) - 1]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/maven2/", answers, asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_list_is_whole():
    assert len({jar.name for jar in JARS}) == len(JARS) == 92
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in JARS)
    assert jars.kafka_version() == "4.3.1"


def test_missing_jars_are_fetched_once_in_the_lists_order(tmp_path, maven):
    wanted = [_jar(b"one", "b"), _jar(b"two", "a")]
    for jar, content in zip(wanted, (b"one", b"two"), strict=True):
        url = maven(jar, content)
    source = JarSource(tmp_path / "cache", url)
    files = source.fetched(wanted)
    assert [file.read_bytes() for file in files] == [b"one", b"two"]
    assert JarSource(tmp_path / "cache", "file:///nowhere").fetched(wanted) == files


def test_a_jar_that_is_not_the_one_listed_is_refused_by_name(tmp_path, maven):
    jar = _jar(b"good")
    url = maven(jar, b"evil")
    with pytest.raises(JarMismatch, match=r"told-1\.0\.jar") as refused:
        JarSource(tmp_path / "cache", url).fetched([jar])
    assert jar.sha256 in str(refused.value)
    assert hashlib.sha256(b"evil").hexdigest() in str(refused.value)
    assert not refused.value.retriable
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_jar_damaged_in_the_cache_is_fetched_again(tmp_path, maven):
    jar = _jar(b"good")
    source = JarSource(tmp_path / "cache", maven(jar, b"good"))
    source.fetched([jar])[0].write_bytes(b"evil")
    assert source.fetched([jar])[0].read_bytes() == b"good"


def test_the_local_repository_of_maven_serves_what_fits(tmp_path, maven):
    jar, other = _jar(b"good", "one"), _jar(b"better", "other")
    for known, content in ((jar, b"good"), (other, b"evil")):
        local = tmp_path / "home/.m2/repository" / known.path
        local.parent.mkdir(parents=True)
        local.write_bytes(content)
    url = maven(other, b"better")
    assert [file.read_bytes() for file in JarSource(tmp_path / "cache", url).fetched([jar, other])] == [
        b"good",
        b"better",
    ]


def test_a_repository_without_the_jar_is_named(tmp_path, served):
    url, answers, asked = served
    answers.append((404, {"Content-Length": "0"}, b""))
    with pytest.raises(Unreachable, match=r"told-1\.0\.jar: HTTP Error 404.*GRMS_MAVEN_URL"):
        JarSource(tmp_path, url).fetched([_jar(b"good")])
    assert asked == ["/maven2/org/example/told/told/1.0/told-1.0.jar"]


def test_a_passing_failure_and_a_cut_off_answer_are_tried_again(tmp_path, served, monkeypatch):
    monkeypatch.setattr(jars.time, "sleep", lambda _: None)
    url, answers, asked = served
    answers += [
        (503, {"Content-Length": "0"}, b""),
        (200, {"Content-Length": "4"}, b"go"),
        (200, {"Content-Length": "4"}, b"good"),
    ]
    assert JarSource(tmp_path, url).fetched([_jar(b"good")])[0].read_bytes() == b"good"
    assert len(asked) == 3


@pytest.mark.parametrize("url", ["ftp://example.org/maven2", "maven2", ""])
def test_an_address_of_another_kind_is_refused(tmp_path, url):
    with pytest.raises(Unreachable, match="GRMS_MAVEN_URL"):
        JarSource(tmp_path, url).fetched([_jar(b"good")])


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(Unreachable, match="GRMS_KAFKA_JARS"):
        JarSource(tmp_path / "cache", "file:///nowhere").fetched([_jar(b"good")])
