"""`labsip serve` as a process, seen from outside."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from labsip.sip.build import build_response
from labsip.sip.digest import Challenge, answer
from labsip.sip.message import Request, parse_message
from tests.certificate import Certificate
from tests.cli.phone import Socket
from tests.processes import LABSIP, PATIENCE, Process, Serve, needs_ipv6


def test_it_says_where_it_listens_and_answers_there() -> None:
    with Serve() as serve, Socket("106", serve.address) as phone:
        assert serve.out == f"labsip listens on udp:{serve.address}, step full\n"
        assert serve.address.port != 0
        assert phone.answer("OPTIONS") == "200 Keepalive"


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(by: signal.Signals) -> None:
    with Serve() as serve:
        assert serve.end(by) == 0
        assert serve.out.endswith("labsip ends\n")
        assert serve.err == ""


def test_a_port_in_use_ends_it_with_what_to_do() -> None:
    with Serve() as first, Process(LABSIP, "serve", f"--listen=udp:{first.address}") as second:
        assert second.finish() == 1
        assert (
            second.err == f"Error: {first.address} is in use by another program; end that one, or choose another port\n"
        )
        assert second.out == ""


def test_an_address_of_another_machine_ends_it_with_what_to_do() -> None:
    with Process(LABSIP, "serve", "--listen=udp:192.0.2.1:5060") as serve:
        assert serve.finish() == 1
        assert "192.0.2.1 is no address of this machine" in serve.err


def test_the_route_is_that_of_the_step() -> None:
    with Serve("--step=stub480") as serve, Socket("106", serve.address) as phone:
        assert phone.answer("REGISTER") == "501 Not Implemented"
        assert phone.answer("INVITE", "sip:108@lab.example") == "480 Temporarily Unavailable"


def test_registrations_last_as_long_as_it_was_told() -> None:
    with (
        Serve("--step=register", "--min-expires=100", "--max-expires=200") as serve,
        Socket("106", serve.address) as phone,
    ):
        granted = [str(phone.register(wish).get("Contact")) for wish in (5, 150, 3600)]
    assert [contact.rpartition(";expires=")[2] for contact in granted] == ["100", "150", "200"]


def test_a_callee_that_says_nothing_is_given_up_after_fr_timer() -> None:
    with (
        Serve("--fr-timer=0.3") as serve,
        Socket("106", serve.address) as caller,
        Socket("108", serve.address) as callee,
    ):
        callee.register()
        caller.ask("INVITE", "sip:108@lab.example")
        assert [caller.hear().summary for _ in range(2)] == [
            "100 trying -- your call is important to us",
            "408 Request Timeout",
        ]


def test_a_callee_that_rings_is_given_up_after_fr_inv_timer() -> None:
    with (
        Serve("--step=cancel", "--fr-inv-timer=0.3") as serve,
        Socket("106", serve.address) as caller,
        Socket("108", serve.address) as callee,
    ):
        callee.register()
        caller.ask("INVITE", "sip:108@lab.example")
        invite = callee.hear()
        assert isinstance(invite, Request)
        callee.send(build_response(invite, 180, "Ringing", to_tag="108").raw)
        heard = [caller.hear().summary for _ in range(3)]
        assert heard[1:] == ["180 Ringing", "408 Request Timeout"]
        assert callee.hear().summary == "CANCEL"


def test_a_route_to_a_domain_of_its_own_is_used_up_and_the_request_goes_on() -> None:
    with (
        Serve("--step=cancel", "--domain=LAB.example") as serve,
        Socket("106", serve.address) as caller,
        Socket("108", serve.address) as callee,
    ):
        callee.register()  # nobody is relayed to who has no part in this proxy
        caller.ask("BYE", f"sip:108@{callee.at}", ("Route", "<sip:lab.example;lr>"), to="<sip:108@lab.example>;tag=108")
        bye = callee.hear()
        assert bye.summary == "BYE"
        assert bye.get("Route") is None


@needs_ipv6
def test_calls_go_from_ipv4_to_ipv6() -> None:
    with Serve(listen=("udp:127.0.0.1:0", "udp:[::1]:0")) as serve:
        v4, v6 = serve.addresses
        with Socket("106", v4) as caller, Socket("108", v6) as callee:
            assert callee.register().summary == "200 OK"
            caller.ask("INVITE", "sip:108@lab.example")
            invite = callee.hear()
            assert isinstance(invite, Request)
            assert str(invite.via.host) == "[::1]"
            callee.send(build_response(invite, 486, "Busy Here", to_tag="108").raw)
            assert callee.hear().summary == "ACK"
            assert [caller.hear().summary for _ in range(2)][1] == "486 Busy Here"


def test_phones_on_udp_and_tcp_call_each_other() -> None:
    with Serve(listen=("udp:127.0.0.1:0", "tcp:127.0.0.1:0")) as serve:
        udp, tcp = serve.addresses
        assert (udp.proto, tcp.proto) == ("udp", "tcp")
        with Socket("106", tcp) as caller, Socket("108", udp) as callee, Socket("109", tcp) as other:
            for phone in (callee, other):
                assert phone.register().summary == "200 OK"
            for called, via in ((callee, "UDP"), (other, "TCP")):
                caller.ask("INVITE", f"sip:{called.user}@lab.example")
                invite = called.hear()
                assert isinstance(invite, Request)
                assert invite.via.transport == via
                called.send(build_response(invite, 486, "Busy Here", to_tag="108").raw)
                assert called.hear().summary == "ACK"
                assert [caller.hear().summary for _ in range(2)][1] == "486 Busy Here"


def test_a_large_request_comes_over_tcp_and_by_udp_where_nobody_takes_it() -> None:
    padding = ("X-Padding", "x" * 2000)
    with (
        Serve(listen=("udp:127.0.0.1:0", "tcp:127.0.0.1:0")) as serve,
        Socket("106", serve.address) as caller,
        Socket("108", serve.address) as callee,
        socket.socket() as listening,
    ):
        listening.settimeout(PATIENCE)
        listening.bind(callee.at[:2])
        callee.register()
        caller.ask("INVITE", "sip:108@lab.example", padding)
        assert callee.hear().via.transport == "UDP"  # nobody listened
        listening.listen()
        caller.ask("INVITE", "sip:108@lab.example", padding)
        called, _ = listening.accept()
        with called:
            invite = parse_message(called.recv(65535))
            assert isinstance(invite, Request)
            assert (invite.method, str(invite.via.sent_by)) == ("INVITE", str(serve.addresses[1]))
            called.sendall(build_response(invite, 486, "Busy Here", to_tag="1").raw)
            while (heard := caller.hear()).summary != "486 Busy Here":
                assert heard.summary.startswith("100")


def test_phones_on_udp_and_tls_call_each_other(certificate: Certificate) -> None:
    options = (f"--tls-cert={certificate.file}", f"--tls-key={certificate.key}")
    with Serve(*options, listen=("udp:127.0.0.1:0", "tls:127.0.0.1:0")) as serve:
        udp, tls = serve.addresses
        with Socket("106", udp) as caller, Socket("108", tls) as callee:
            assert callee.register().summary == "200 OK"
            caller.ask("INVITE", "sip:108@lab.example")
            invite = callee.hear()
            assert isinstance(invite, Request)
            assert invite.via.transport == "TLS"
            assert invite.values("Record-Route")[0].startswith(f"<sip:{tls};transport=tls;r2=on;lr")
            callee.send(build_response(invite, 486, "Busy Here", to_tag="108").raw)
            assert callee.hear().summary == "ACK"
            assert [caller.hear().summary for _ in range(2)][1] == "486 Busy Here"


def test_tls_needs_a_certificate() -> None:
    with Process(LABSIP, "serve", "--listen=tls:127.0.0.1:0") as serve:
        assert serve.finish() == 2
        assert "tls needs a certificate: give --tls-cert FILE and --tls-key FILE" in serve.err


@pytest.mark.parametrize("text", ["sctp:127.0.0.1:5060", "tcp:0.0.0.0:5060", "tcp:[::]:5060"])
def test_what_it_can_not_listen_on_is_refused(text: str) -> None:
    with Process(LABSIP, "serve", f"--listen={text}") as serve:
        assert serve.finish() == 2
        assert "is not spoken here; write udp:127.0.0.1" in serve.err or "is nowhere a phone could send to" in serve.err


def test_an_address_that_others_reach_is_warned_about(own_address: str) -> None:
    with Serve(listen=(f"udp:{own_address}:0",)) as serve:
        serve.wait_until("warning", lambda: serve.err)
        assert serve.err.startswith(f"WARNING: labsip: {serve.address} is open to other machines")


@pytest.fixture
def own_address() -> Iterator[str]:
    """An address of this machine that is not of its loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it asks which address would be used
        except OSError:
            pytest.skip("this machine has only its loopback")
        yield str(probe.getsockname()[0])


def challenged(phone: Socket, user: str, password: str) -> str:
    """What a REGISTER comes to that answers its challenge so."""
    uri, to = "sip:lab.example", f"<sip:{user}@lab.example>"
    phone.ask("REGISTER", uri, to=to)
    asked = phone.hear()
    assert asked.summary == "401 Unauthorized"
    challenge = Challenge.parse(asked.get("WWW-Authenticate") or "")
    given = answer(challenge, user, password, "REGISTER", uri, cnonce="c")
    phone.ask("REGISTER", uri, ("Authorization", str(given)), to=to)
    return phone.hear().summary


def test_who_is_among_the_users_needs_the_password(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text("106:secret  # Alice\n108:other\n")
    with Serve(f"--users={file}") as serve, Socket("106", serve.address) as phone:
        assert challenged(phone, "106", "secret") == "200 OK"
        assert challenged(phone, "106", "guess") == "401 Unauthorized"
        assert challenged(phone, "108", "other") == "403 Forbidden auth ID"
        assert phone.answer("INVITE", "sip:106@lab.example") == "407 Proxy Authentication Required"


def test_passwords_are_proved_with_the_algorithm_it_was_told() -> None:
    with Serve("--users=106:secret", "--auth-algorithm=SHA-256") as serve, Socket("106", serve.address) as phone:
        assert challenged(phone, "106", "secret") == "200 OK"
        phone.ask("REGISTER", to="<sip:106@lab.example>")
        assert Challenge.parse(phone.hear().get("WWW-Authenticate") or "").algorithm == "SHA-256"


def test_a_step_with_passwords_has_users_of_its_own() -> None:
    with Serve("--step=auth", "--nonce-expire=60") as serve, Socket("106", serve.address) as phone:
        assert challenged(phone, "106", "secret106") == "200 OK"


def test_users_that_cannot_be_read_end_it_with_what_is_wrong() -> None:
    with Process(LABSIP, "serve", "--listen=udp:127.0.0.1:0", "--users=nobody") as serve:
        assert serve.finish() != 0
        assert "nobody: there is no such file" in serve.err
