"""SIGHUP: `labsip serve` reads and opens its files again, and goes on whatever is wrong with them."""

from __future__ import annotations

import shutil
import signal
import socket
import sqlite3
import ssl
from contextlib import closing
from pathlib import Path

import pytest

from labsip.pcap.read import read_pcap
from labsip.sip.transport import Address
from tests.certificate import Certificate
from tests.cli.phone import Socket
from tests.cli.test_serve import challenged
from tests.processes import PATIENCE, Serve


def renew(serve: Serve, command: str) -> None:
    """Send the signal, and wait until it says this, once more than before."""
    before = serve.err.count(command)
    serve.tell(signal.SIGHUP)
    serve.wait_until(f"command of {command}", lambda: serve.err.count(command) > before)


def test_it_goes_on_where_there_is_nothing_to_read_again() -> None:
    with Serve("--users=106:secret") as serve, Socket("106", serve.address) as phone:
        serve.tell(signal.SIGHUP)
        assert challenged(phone, "106", "secret") == "200 OK"
        assert serve.end() == 0
        assert serve.err == ""


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_a_capture_that_was_renamed_goes_on_in_a_new_file(tmp_path: Path, suffix: str) -> None:
    file, old = tmp_path / f"seen{suffix}", tmp_path / f"seen.1{suffix}"
    with Serve(f"--capture={file}") as serve, Socket("106", serve.address) as phone:
        phone.answer("OPTIONS")
        serve.wait_until("the messages in the capture", lambda: b"200 Keepalive" in file.read_bytes())
        file.rename(old)
        renew(serve, f"NOTICE: labsip: the capture goes on in {file}")
        phone.register()
        assert serve.end() == 0
    assert list(read_pcap(old)["method"]) == ["OPTIONS", "OPTIONS"]
    assert list(read_pcap(file)["method"]) == ["REGISTER", "REGISTER"]


def test_users_are_read_again_and_bad_ones_leave_those_before_in_force(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text("106:secret\n")
    with Serve(f"--users={file}") as serve, Socket("106", serve.address) as phone:
        assert challenged(phone, "106", "secret") == "200 OK"
        file.write_text("106:new\n107\n")
        renew(serve, f"users: all stays as it was; {file}, line 2 is no NAME:PASSWORD")
        assert challenged(phone, "106", "secret") == "200 OK"
        file.write_text("106:new\n")
        renew(serve, f"users: read again from {file}")
        assert challenged(phone, "106", "secret") == "401 Unauthorized"
        assert challenged(phone, "106", "new") == "200 OK"
        file.unlink()
        renew(serve, f"users: all stays as it was; {file}: there is no such file any more")
        assert challenged(phone, "106", "new") == "200 OK"


def test_another_table_of_users_in_the_place_of_the_first_is_asked_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "users.db"
    for path, password in ((file, "secret"), (tmp_path / "new.db", "new")):
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("CREATE TABLE subscriber (username, domain, password, ha1)")
            db.execute("INSERT INTO subscriber VALUES ('106', 'lab.example', ?, '')", (password,))
    with Serve(f"--users={file}") as serve, Socket("106", serve.address) as phone:
        assert challenged(phone, "106", "secret") == "200 OK"
        (tmp_path / "new.db").rename(file)
        renew(serve, f"users: read again from {file}")
        assert challenged(phone, "106", "new") == "200 OK"


def test_new_connections_get_a_certificate_that_was_renewed(certificate: Certificate, tmp_path: Path) -> None:
    file, key = tmp_path / "c.pem", tmp_path / "k.pem"
    shutil.copy(certificate.file, file)
    shutil.copy(certificate.key, key)
    (tmp_path / "other").mkdir()
    other = Certificate.make(tmp_path / "other")
    with Serve(f"--tls-cert={file}", f"--tls-key={key}", listen=("tls:127.0.0.1:0",)) as serve:
        before = shown(serve.address)
        shutil.copy(other.file, file)
        renew(serve, f"certificate: all stays as it was; the key in {key} is not that of the certificate in {file}")
        assert shown(serve.address) == before
        shutil.copy(other.key, key)
        renew(serve, f"certificate: read again from {file}")
        assert shown(serve.address) == ssl.PEM_cert_to_DER_cert(other.file.read_text())


def shown(at: Address) -> bytes:
    """The certificate a new connection is shown."""
    with socket.create_connection(at[:2], PATIENCE) as sock:
        context = ssl._create_unverified_context()
        with context.wrap_socket(sock) as secured:
            return secured.getpeercert(binary_form=True) or b""
