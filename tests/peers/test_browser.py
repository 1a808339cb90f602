"""JsSIP in Chromium, with a phone of ours on UDP, through `labsip serve`: the judge of the WebSocket transport."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from labsip.net.sockets import SocketNet
from labsip.phone import Call, Softphone, ringing
from labsip.sip.transport import Address, Datagram
from tests.certificate import Certificate
from tests.conftest import missing
from tests.net.streams import PATIENCE
from tests.peers.browser import BrowserPhone, NotBuilt, Page, build, served
from tests.processes import Serve, free_address

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

UDP = "udp:127.0.0.1:0"
DOCS = Path(__file__).parents[2] / "docs" / "websocket.md"


@pytest.fixture(scope="session")
def address(need: Callable[[str], str]) -> Iterator[str]:
    """Where the page is."""
    try:
        build(need("npm"))
    except NotBuilt as error:
        missing(str(error))
    with served() as at:
        yield at


@pytest.fixture
def browser(chromium: Browser) -> Iterator[BrowserContext]:
    """It believes whoever signs their own certificate, for wss."""
    with closing(chromium.new_context(ignore_https_errors=True)) as context:
        yield context


@pytest.fixture
def proxy() -> Iterator[Serve]:
    """A proxy on UDP and WebSocket; it ends cleanly and without a complaint."""
    with Serve(listen=(UDP, "ws:127.0.0.1:0")) as serve:
        yield serve
        assert serve.end() == 0
        assert serve.err == ""


class Desk:
    """106 on UDP: the phone, and what the person at it does."""

    def __init__(self, net: SocketNet, proxy: Address) -> None:
        self._net = net
        self.phone = Softphone("106", net.reserve(Address("127.0.0.1", 0)), proxy, ids=Random(1))
        net.attach(self.phone, "106")
        net.do(self.phone.register)
        self.sees(lambda: self.phone.registered)

    @property
    def call(self) -> Call:
        """Its last call."""
        return self.phone.calls[-1]

    def calls(self, user: str) -> None:
        self._net.do(lambda now: self.phone.call(user, now)[1])

    def writes(self, user: str, text: str) -> None:
        self._net.do(lambda now: self.phone.message(user, text, now)[1])

    def does(self, verb: Callable[[Call, float], list[Datagram]]) -> None:
        """`does(phone.hold)`: with its last call."""
        self._net.do(lambda now: verb(self.call, now))

    def sees(self, holds: Callable[[], object]) -> None:
        assert self._net.wait(lambda: bool(holds()), PATIENCE), self.phone.calls


@pytest.fixture
def desk(proxy: Serve) -> Iterator[Desk]:
    with desk_at(proxy) as desk:
        yield desk


@contextmanager
def desk_at(proxy: Serve) -> Iterator[Desk]:
    with SocketNet() as net:
        yield Desk(net, proxy.addresses[0])


@pytest.fixture
def page(browser: BrowserContext, address: str, proxy: Serve) -> BrowserPhone:
    """107 in the browser."""
    return BrowserPhone(browser, address, "107", proxy.addresses[1])


def test_the_browser_calls_and_either_end_hangs_up(page: BrowserPhone, desk: Desk) -> None:
    for hangs_up, how in (("page", "local"), ("desk", "remote")):
        page.does("call", "106")
        page.hears("progress")
        page.hears("confirmed")
        desk.sees(lambda: desk.phone.calls and desk.call.state == "answered")
        page.does("end") if hangs_up == "page" else desk.does(desk.phone.hang_up)
        page.hears(f"ended by {how}: Terminated")
        desk.sees(lambda: desk.call.over)
    assert page.complaints == []


def test_the_browser_is_called_and_either_end_hangs_up(page: BrowserPhone, desk: Desk) -> None:
    for hangs_up, how in (("page", "local"), ("desk", "remote")):
        desk.calls("107")
        page.hears("call of 106")
        page.does("answer")
        page.hears("confirmed")
        desk.sees(lambda: desk.call.state == "answered")
        page.does("end") if hangs_up == "page" else desk.does(desk.phone.hang_up)
        page.hears(f"ended by {how}: Terminated")
        desk.sees(lambda: desk.call.over)


def test_the_browser_gives_up_a_call_that_rings(page: BrowserPhone, desk: Desk) -> None:
    desk.phone.behaviour = ringing()
    page.does("call", "106")
    page.hears("progress")
    page.does("end")
    page.hears("failed by local: Canceled")
    desk.sees(lambda: desk.call.state == "cancelled")


def test_a_call_to_the_browser_is_given_up(page: BrowserPhone, desk: Desk) -> None:
    desk.calls("107")
    page.hears("call of 106")
    desk.sees(lambda: desk.call.state == "ringing")
    desk.does(desk.phone.cancel)
    page.hears("failed by remote: Canceled")
    desk.sees(lambda: desk.call.state == "cancelled")


def test_a_call_is_refused_by_either_end(page: BrowserPhone, desk: Desk) -> None:
    desk.calls("107")
    page.hears("call of 106")
    page.does("end")
    desk.sees(lambda: desk.call.over)
    assert desk.call.status == 480
    desk.phone.behaviour = ringing()
    page.does("call", "106")
    page.hears("progress")
    desk.does(lambda call, now: desk.phone.reject(call, now, 486))
    page.hears("failed by remote: Busy")


@pytest.mark.parametrize("caller", ["page", "desk"])
def test_a_call_is_put_on_hold_and_taken_back_by_either_end(page: BrowserPhone, desk: Desk, caller: str) -> None:
    if caller == "page":
        page.does("call", "106")
    else:
        desk.calls("107")
        page.hears("call of 106")
        page.does("answer")
    page.hears("confirmed")
    desk.sees(lambda: desk.phone.calls and desk.call.state == "answered" and desk.call.unacked is None)
    desk.does(desk.phone.hold)  # a re-INVITE
    page.hears("hold by remote")
    desk.sees(lambda: not desk.call.reinviting and desk.call.holding)
    desk.does(desk.phone.resume)
    page.hears("unhold by remote")
    desk.sees(lambda: not desk.call.reinviting and not desk.call.holding)
    page.does("hold")
    desk.sees(lambda: desk.call.held)
    page.hears("answer to its re-INVITE")
    page.does("unhold")
    desk.sees(lambda: not desk.call.held and desk.call.unacked is None)
    desk.does(desk.phone.hang_up)
    page.hears("ended by remote: Terminated")
    desk.sees(lambda: desk.call.over)


def test_texts_go_both_ways(page: BrowserPhone, desk: Desk) -> None:
    page.does("write", "106", "grüezi")
    desk.sees(lambda: [text.text for text in desk.phone.inbox] == ["grüezi"])
    desk.writes("107", "gern geschehen — ça va ?")
    page.hears("message: gern geschehen — ça va ?")


def test_a_browser_calls_a_browser(page: BrowserPhone, browser: BrowserContext, address: str, proxy: Serve) -> None:
    other = BrowserPhone(browser, address, "108", proxy.addresses[1])
    page.does("call", "108")
    other.hears("call of 107")
    other.does("answer")
    other.hears("confirmed")
    page.hears("confirmed")
    other.does("end")
    page.hears("ended by remote: Terminated")


def test_nobody_is_found_in_a_browser_that_has_stopped(page: BrowserPhone, desk: Desk) -> None:
    page.does("stop")
    page.hears("disconnected")
    desk.calls("107")
    desk.sees(lambda: desk.call.over)
    assert desk.call.status == 404


def test_the_browser_comes_back_after_the_proxy_was_restarted(browser: BrowserContext, address: str) -> None:
    listen = (UDP, f"ws:{free_address()}")
    with Serve(listen=listen) as first:
        page = BrowserPhone(browser, address, "107", first.addresses[1])
        assert first.end() == 0
        page.hears("disconnected")
    with Serve(listen=listen) as second, desk_at(second) as desk:
        page.hears("registered")
        desk.calls("107")
        page.hears("call of 106")


@pytest.fixture
def snippets(proxy: Serve) -> list[str]:
    """The scripts of the page in docs/websocket.md, with this proxy's address."""
    url = f"ws://{proxy.addresses[1]}"
    return [
        text.replace("ws://127.0.0.1:8088", url) for text in re.findall(r"```js\n(.*?)```", DOCS.read_text(), re.DOTALL)
    ]


def test_jssip_as_the_docs_have_it_calls_a_desk(
    browser: BrowserContext, address: str, snippets: list[str], desk: Desk
) -> None:
    Page(browser, address).run(f"async () => {{ {snippets[0]} }}")
    desk.sees(lambda: desk.phone.calls and desk.call.state == "answered")
    assert desk.call.peer == "107"


def test_sip_js_as_the_docs_have_it_registers(browser: BrowserContext, address: str, snippets: list[str]) -> None:
    page = Page(browser, address)
    page.run(f"async () => {{ {snippets[1]}; window.registerer = registerer; }}")
    assert page.comes("() => registerer.state === 'Registered'"), page.console


def test_over_wss_with_passwords(browser: BrowserContext, address: str, certificate: Certificate) -> None:
    options = ("--users=107:secret107,108:secret108", f"--tls-cert={certificate.file}", f"--tls-key={certificate.key}")
    with Serve(*options, listen=(UDP, "wss:127.0.0.1:0")) as serve:
        at = serve.addresses[1]
        page = BrowserPhone(browser, address, "107", at, password="secret107")
        other = BrowserPhone(browser, address, "108", at, password="secret108")
        BrowserPhone(browser, address, "107", at, password="wrong", until="registrationFailed: Authentication Error")
        other.does("call", "107")
        page.hears("call of 108")
        page.does("answer")
        other.hears("confirmed")
        page.does("end")
        other.hears("ended by remote: Terminated")
        assert serve.end() == 0
