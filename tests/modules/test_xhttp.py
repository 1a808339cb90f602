"""HTTP on the port of SIP: what a route sees of a request, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labsip.proxy.script import Drop, Routes
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import Ksr
from tests.ends import PROXY, Bench

BROWSER = Address("127.0.0.1", 40000, "tcp")
TCP = PROXY._replace(proto="tcp")
PAGE = b"GET /path?x=1 HTTP/1.1\r\nHost: lab\r\nUser-Agent: curl/7\r\n\r\n"


def http(data: bytes, block: Callable[[Ksr], object]) -> tuple[bytes, Bench]:
    """What comes back where a route does this."""
    routes = Routes(lambda ksr: ksr.sl_reply(200), event_routes={"xhttp:request": block})
    bench = Bench(routes, server="me")
    sent = bench.proxy.receive(Datagram(data, BROWSER, TCP), 0.0)
    assert all(one.dst == BROWSER for one in sent)
    return b"".join(one.data for one in sent), bench


def reply(ksr: Ksr) -> None:
    ksr.xhttp_reply(200, "OK", "text/html", f"<p>{ksr['$hu']}</p>")


def test_a_route_answers_a_request() -> None:
    came, _ = http(PAGE, reply)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: me\r\nContent-Length: 16\r\n\r\n"
    assert came == head + b"<p>/path?x=1</p>"


def test_variables_of_an_http_request() -> None:
    seen: list[object] = []
    names = "$hu $rm $si $sp $proto $hdr(Host) $ua $rb $mt $ru $fu $tU $ci $cs $du"
    http(
        b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        lambda ksr: seen.extend(ksr[name] for name in names.split()),
    )
    assert seen == ["/x", "POST", "127.0.0.1", 40000, "tcp", "h", None, "abc", 1, *[None] * 6]


def test_it_is_answered_once() -> None:
    codes: list[int] = []
    came, _ = http(PAGE, lambda ksr: codes.extend(int(ksr.xhttp_reply(200, "OK", "", body)) for body in "ab"))
    assert codes == [1, -1]
    assert came.endswith(b"\r\n\r\na")


@pytest.mark.parametrize(("code", "reason"), [("302", ""), ("999", "x"), ("x", "x"), ("-1", "x")])
def test_what_is_no_answer_is_not_sent(code: str, reason: str) -> None:
    said: list[int] = []
    came, _ = http(PAGE, lambda ksr: said.append(int(ksr.xhttp_reply(code, reason, "", ""))))
    assert (came, said) == (b"", [-1])


def test_a_line_end_in_an_answer_adds_no_header() -> None:
    came, _ = http(PAGE, lambda ksr: ksr.xhttp_reply(200, "a\r\nX: 1", "b\r\nY: 2", ""))
    assert came.startswith(b"HTTP/1.1 200 a X: 1\r\nContent-Type: b Y: 2\r\nServer")


def test_headers_of_a_reply_and_stateless_replies_count_here_too() -> None:
    came, _ = http(PAGE, lambda ksr: [ksr.append_to_reply("X-Own: 1\r\n"), ksr.sl_send_reply(404, "Nope")])
    assert came == b"HTTP/1.1 404 Nope\r\nX-Own: 1\r\nServer: me\r\nContent-Length: 0\r\n\r\n"


def test_an_answer_may_end_its_connection() -> None:
    routes = Routes(lambda _: None, event_routes={"xhttp:request": lambda ksr: [ksr.set_reply_close(), reply(ksr)]})
    (sent,) = Bench(routes).proxy.receive(Datagram(PAGE, BROWSER, TCP), 0.0)
    assert sent.closes


def test_a_route_that_raises_answers_500() -> None:
    came, bench = http(PAGE, lambda ksr: ksr["$nosuch"])
    assert came.startswith(b"HTTP/1.1 500 ")
    assert len(bench.proxy.errors) == 1


def test_a_route_may_say_nothing() -> None:
    def drop(_: Ksr) -> None:
        raise Drop

    assert http(PAGE, drop)[0] == b""
    assert http(PAGE, lambda _: None)[0] == b""


def test_what_needs_sip_is_noted() -> None:
    came, bench = http(PAGE, lambda ksr: ksr.t_relay())
    assert came == b""
    assert bench.notes == ["event_route[xhttp:request]: Via header is missing"]


def test_without_the_block_http_is_no_message() -> None:
    bench = Bench(lambda ksr: ksr.sl_reply(200))
    assert not bench.proxy.takes_http
    assert bench.proxy.receive(Datagram(PAGE, BROWSER, TCP), 0.0) == []
    assert "sent something unusable" in bench.notes[0]


def test_words_of_http_do_nothing_for_sip() -> None:
    said: list[object] = []
    bench = Bench(
        lambda k: said.extend([k.xhttp_reply(200, "OK", "", ""), k.jsonrpc_dispatch(), k["$hu"], k.set_reply_close()])
    )
    end = bench.end("106")
    end.send(end.request("MESSAGE"))
    assert said == [-1, -1, "sip:108@127.0.10.1", 1]  # $hu is the Request-URI, as in Kamailio


def test_by_udp_there_is_no_http() -> None:
    """Whoever writes it could say that it is from this machine."""
    bench = Bench(Routes(lambda _: None, event_routes={"xhttp:request": reply}))
    assert bench.deliver(PAGE, BROWSER._replace(proto="udp")) == []
    assert "sent something unusable" in bench.notes[0]
