"""Calls of commands and routes; the core's commands have a grammar of their own."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg.nodes import Bare, CommandCall, Number, Pvar, RouteCall, Text
from tests.dialects.cfg.texts import in_route, route


def call(written: str) -> CommandCall:
    (found,) = route(written)
    assert isinstance(found, CommandCall)
    return found


def test_a_call_has_its_arguments_and_the_place_of_its_bracket() -> None:
    found = call('sl_send_reply("404",\n "Not " "found");')
    assert [argument.value for argument in found.arguments if isinstance(argument, Text)] == ["404", "Not found"]
    assert (found.spot.line, found.end.line, found.end.column) == (2, 3, 16)


def test_some_commands_of_the_core_need_no_brackets() -> None:
    assert call("force_rport;").arguments == ()
    assert in_route("has_totag;") == ["( is missing behind has_totag, before ;"]


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("forward();", []),
        ('forward("127.0.10.108", 5060);', [Text, Number]),
        ("forward(127.0.10.200, 5060);", [Bare, Number]),
        ("forward(uri:host, uri:port);", [Bare, Bare]),
        ("forward(::1, 5060);", [Bare, Number]),
        ("forward([::1]);", [Bare]),
        ("setflag(FLAG);", [Bare]),
        ("setflag(3);", [Number]),
        ('log(1, "a");', [Number, Text]),
        ("udp_mtu_try_proto(TCP);", [Bare]),
        ("force_send_socket(udp:127.0.0.1:5060);", [Bare]),
        ("strip(2);", [Number]),
        ('seturi("sip:a@b");', [Text]),
    ],
)
def test_commands_of_the_core_take_words_and_addresses(written: str, kinds: list[type]) -> None:
    assert [type(argument) for argument in call(written).arguments] == kinds


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("forward(127.0.10.108:5060);", "forward takes a host or an address here"),
        ("forward($var(a));", "forward takes a host or an address here"),
        ("forward(127.0.0.1 5060);", ", or ) is missing before 5060"),
        ("forward(children);", "children can't stand here"),
        ('strip("2");', "strip takes a number here"),
        ("rewriteport(5);", "rewriteport takes a text in quotes here"),
        ("seturi($var(a));", "seturi takes a text in quotes here"),
        ('log("a", 1);', "log takes a number here"),
        ("strip();", "strip takes 1 argument, not 0"),
        ("xlog(foo);", "foo is no text"),
        ('is_method("a",);', "an argument is missing between , and )"),
        ('is_method("a";', ", or ) is missing before ;"),
        ("listen(1);", "a statement can't begin with listen"),
        ("$var(x) = listen(1);", "listen is no command"),
        ("Xlog;", "( is missing behind Xlog, before ;"),
    ],
)
def test_what_a_command_can_not_be_given_is_told(written: str, message: str) -> None:
    assert in_route(written)[0] == message


@pytest.mark.parametrize(
    ("written", "name"),
    [("route(A);", "A"), ('route("WITH-DASH");', "WITH-DASH"), ("route(1);", "1"), ("route(0);", "0")],
)
def test_a_route_is_called_by_its_name(written: str, name: str) -> None:
    (found,) = route(written)
    assert isinstance(found, RouteCall)
    assert isinstance(found.name, Text)
    assert found.name.value == name


def test_the_name_of_a_route_may_be_computed() -> None:
    (found,) = route("route($var(r));")
    assert isinstance(found, RouteCall)
    assert isinstance(found.name, Pvar)
    assert in_route('route("DO_" + $rm);') == []


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("route();", "route() needs a name"),
        ("route;", "( is missing before ;"),
        ("route(X-Y);", "a name with - in it needs quotes: X-…"),
        ("route(children);", "children is a word of the language"),
    ],
)
def test_a_call_of_a_route_that_can_not_be_one_is_told(written: str, message: str) -> None:
    assert in_route(written)[0] == message
