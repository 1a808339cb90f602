"""What the options of `labsip serve` may say, and how a mistake is told: one line, what to do, no traceback."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import CodeType, FunctionType

import click
import pytest
from click.testing import CliRunner

from labsip.cli.main import main
from labsip.cli.options import USED, check_together, domain_name, listen_address
from labsip.proxy.script import Routes
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.vocabulary import settings_of
from tests.certificate import Certificate
from tests.processes import LABSIP, Process


def told(*options: str) -> tuple[int, str]:
    """How `labsip serve` ends with these, and what it says; it must not begin to serve."""
    done = CliRunner().invoke(main, ["serve", *options])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.output.count("\n") == 1
    return done.exit_code, done.output.removeprefix("Error: ").rstrip()


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e308", "-1", "0", "", "x", "86401"])
@pytest.mark.parametrize("option", ["--fr-timer", "--fr-inv-timer", "--nonce-expire"])
def test_a_time_is_a_number_of_seconds_within_a_day(option: str, value: str) -> None:
    code, text = told(f"{option}={value}")
    assert code == 2
    assert f"write a number of seconds from {'1' if option == '--nonce-expire' else '0.1'} to 86400" in text


@pytest.mark.parametrize("value", ["nan", "1.5", "-1", "4294967296", "9" * 5000, ""])
@pytest.mark.parametrize("option", ["--min-expires", "--max-expires"])
def test_a_registration_lasts_whole_seconds(option: str, value: str) -> None:
    code, text = told(f"{option}={value}")
    assert code == 2
    assert "write a whole number of seconds from " in text


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--min-expires=600", "--max-expires=60"], "--min-expires 600 is more than --max-expires 60"),
        (["--max-expires=59"], "--min-expires 60 (the default in step full) is more than --max-expires 59"),
        (["--auth-algorithm=MD5"], "--auth-algorithm does nothing without users; give --users, too"),
        (["--nonce-expire=60"], "--nonce-expire does nothing without users; give --users, too"),
        (["--step=register", "--users=106:x"], "--users does nothing in step register, which asks nobody for"),
        (["--step=cancel", "--nonce-expire=60"], "leave it out, or take --step full"),
        (["--step=stub480", "--db=x.db"], "--db does nothing in step stub480, which registers nobody"),
        (["--step=stub480", "--min-expires=9"], "--min-expires does nothing in step stub480"),
        (["--step=register", "--fr-timer=9"], "--fr-timer does nothing in step register, which passes nothing on"),
        (["--listen=udp:127.0.0.1:9", "--listen=127.0.0.1:9"], "--listen has udp:127.0.0.1:9 twice"),
        (["--listen=udp:[::1]:9", "--listen=[0:0::1]:9"], "--listen has udp:[::1]:9 twice"),
        (["--tls-cert", __file__], "--tls-cert does nothing here; give --listen tls:HOST:PORT, too"),
        (["--tls-ca", __file__], "--tls-ca does nothing here; give --listen tls:HOST:PORT, too"),
        (["--listen=tls:127.0.0.1:9", "--tls-cert", __file__], "give --tls-cert FILE and --tls-key FILE"),
        (["--db=:memory:"], "it keeps nothing"),
        (["--db=/nonexistent/x.db"], "there is no folder /nonexistent; make it, or name a file elsewhere"),
        (["--capture=/nonexistent/x.pcap"], "there is no folder /nonexistent; make it, or name a file elsewhere"),
        (["--users="], "there is no such file"),
    ],
)  # fmt: skip
def test_options_that_contradict_each_other_or_would_do_nothing_are_refused(options: list[str], text: str) -> None:
    code, said = told(*options)
    assert code in (1, 2)
    assert text in said


def test_the_least_is_compared_with_the_most_that_a_step_has_of_its_own() -> None:
    settings = settings_of(None, min_expires=90_000, max_expires=86_400)
    with pytest.raises(click.UsageError) as error:
        check_together("full", {"min_expires": 90_000}, settings)
    assert str(error.value) == (
        "--min-expires 90000 is more than --max-expires 86400 (the default in step full); change one of them"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("5060", "5060 has no host; write udp:127.0.0.1:5060"),
        (":5060", "write udp:127.0.0.1:5060"),
        ("tls:5061", "write tls:127.0.0.1:5061"),
        ("tcp:*:5060", "write tcp:127.0.0.1:5060"),
        ("::1", "an IPv6 address has brackets, as in udp:[::1]:5060"),
        ("udp:fe80::1:5060", "an IPv6 address has brackets"),
        ("localhost", "'localhost' is no IP address"),
        ("[fe80::1]:5060", "fe80::1 is link-local"),
        ("[fe80::1%lo]:5060", "is link-local"),
        ("224.0.0.1:5060", "224.0.0.1 is the address of a group"),
        ("[ff02::1]:5060", "ff02::1 is the address of a group"),
        ("255.255.255.255:5060", "(broadcast)"),
        ("[::ffff:127.0.0.1]:5060", "an IPv4 address in disguise; write 127.0.0.1"),
        ("0.0.0.0", "0.0.0.0 is nowhere a phone could send to"),
    ],
)
def test_an_address_to_listen_on_is_one_of_this_machine_with_its_port(text: str, told: str) -> None:
    with pytest.raises(click.BadParameter) as error:
        listen_address(text)
    assert told in str(error.value)


def test_an_address_is_the_same_however_it_is_written() -> None:
    assert listen_address("TCP:[0:0:0::1]") == Address("::1", 5060, "tcp")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LAB.example", "lab.example"),
        ("lab.example.", "lab.example"),
        ("localhost", "localhost"),
        ("my_pbx", "my_pbx"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("xn--hxajbheg2az3al.example", "xn--hxajbheg2az3al.example"),
    ],
)
def test_a_domain_is_a_host_name_or_an_address(text: str, name: str) -> None:
    assert domain_name(text) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "a b", "a..b", "-a.example", "a-", "sip:lab.example", "lab.example:5060", "192.0.2.300", "5060",
     "ä.example", "x" * 64, "a\r\nX: y", "user@lab.example", "*"],
)  # fmt: skip
def test_what_is_neither_is_no_domain(text: str) -> None:
    code, said = told(f"--domain={text}")
    assert code == 2
    assert "is no host name and no address; write one, as in lab.example or 192.0.2.7" in said


def words_of(code: CodeType, names: dict[str, object], seen: set[CodeType]) -> Iterator[str]:
    """All names a function says, and those of its module that it calls."""
    if code in seen:
        return
    seen.add(code)
    yield from code.co_names
    for name in code.co_names:
        called = names.get(name)
        called = getattr(names.get("auth"), name, called)
        if isinstance(called, FunctionType):
            yield from words_of(called.__code__, called.__globals__, seen)


def commands(routes: Routes) -> set[str]:
    """All commands its blocks may say."""
    blocks = [routes.request_route, *routes.routes.values(), *routes.failure_routes.values()]
    seen: set[CodeType] = set()
    functions = [block for block in blocks if isinstance(block, FunctionType)]
    return {command for block in functions for command in words_of(block.__code__, block.__globals__, seen)}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("command", "option"), [("auth_check", "users"), ("save", "db"), ("save", "min_expires"), ("t_relay", "fr_timer")]
)
def test_an_option_is_refused_in_just_the_steps_whose_routes_never_run_its_command(
    step: str, command: str, option: str
) -> None:
    assert (command in commands(STEPS[step])) == (step in USED[option][0])


def database(path: Path) -> None:
    """An SQLite file that is damaged behind its head."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE subscriber (username, password, ha1)")
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5000)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (Path.mkdir, "is a folder; name a file with the users"),
        (Path.touch, "nobody is in it; write a NAME:PASSWORD a line"),
        (os.mkfifo, "is no ordinary file; name a file with the users"),
        (lambda path: path.write_bytes(b"\x7fELF\0\0"), "is neither text nor an SQLite file"),
        (lambda path: path.write_text("106:x\n107\n"), ", line 2 is no NAME:PASSWORD, as in 106:secret"),
        (database, "can't be read: "),
    ],
)
def test_users_that_can_not_be_read_say_why(tmp_path: Path, make: Callable[[Path], object], text: str) -> None:
    path = tmp_path / "users"
    make(path)
    code, said = told(f"--users={path}")
    assert code == 1
    assert said.startswith(str(path))
    assert text in said


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (Path.mkdir, "is a directory"),
        (lambda path: path.write_text("no database\n" * 100), "can't keep the location table: file is not a database"),
        (database, "can't keep the location table: "),
    ],
)
def test_a_database_that_is_none_is_refused(tmp_path: Path, make: Callable[[Path], object], text: str) -> None:
    path = tmp_path / "location.db"
    make(path)
    with Process(LABSIP, "serve", "--listen=udp:127.0.0.1:0", f"--db={path}") as serve:
        assert serve.finish() in (1, 2)
        assert serve.err.count("\n") == 1
        assert text in serve.err


def test_tls_files_that_are_wrong_are_named(certificate: Certificate, tmp_path: Path) -> None:
    other = Certificate.make(tmp_path)
    text = tmp_path / "text"
    text.write_text("no PEM\n")
    listen = "--listen=tls:127.0.0.1:0"
    for cert, key, ca, expected in (
        (certificate.file, other.key, None, f"the key in {other.key} is not that of the certificate in"),
        (text, certificate.key, None, f"{text} has no CERTIFICATE (PEM)"),
        (certificate.file, text, None, f"{text} has no PRIVATE KEY (PEM)"),
        (certificate.file, certificate.key, text, f"{text} has no certificates that could be read (PEM)"),
    ):
        more = [f"--tls-ca={ca}"] if ca else []
        code, said = told(listen, f"--tls-cert={cert}", f"--tls-key={key}", *more)
        assert code == 1
        assert expected in said


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked_for_it(
    certificate: Certificate, tmp_path: Path, need: Callable[[str], str]
) -> None:
    locked = tmp_path / "locked.key"
    lock = [need("openssl"), "pkey", "-in", str(certificate.key), "-aes256", "-passout", "pass:x", "-out", str(locked)]
    with Process(*lock) as openssl:
        assert openssl.finish() == 0
    files = (f"--tls-cert={certificate.file}", f"--tls-key={locked}")
    with Process(LABSIP, "serve", "--listen=tls:127.0.0.1:0", *files) as serve:
        assert serve.finish() == 1
        assert serve.err.startswith(f"Error: {locked} needs a passphrase, and nobody is there to type it; give")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("mysql", "'mysql' maps no db_url; write it as in \"mysql=sqlite:///FILE\""),
        ("mysql=sqlite:///no/such/folder/k.db", "there is no folder"),
    ],
)
def test_a_db_url_that_leads_nowhere_is_refused(value: str, text: str) -> None:
    code, said = told("--db-url", value)
    assert code == 2
    assert text in said
