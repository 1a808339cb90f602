"""Headers and bodies asked for and changed: codes as a real Kamailio 5.6.3 gave them."""

from __future__ import annotations

import pytest

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import AT_108, codes, raised, relayed

HEADERS = [("X-Two", "a"), ("X-Two", "b, c"), ("User-Agent", "ua/1"), ("Content-Type", "text/plain")]
SENT = {"headers": HEADERS, "body": b"hello"}


def names(message: object) -> list[str]:
    return [line.name for line in message.lines]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("command", "args", "code"),
    [
        ("search", ("hello",), 1), ("search", ("^X-two",), 1), ("search", ("nothing",), -1),
        ("search_body", ("hel+o",), 1), ("search_body", ("X-Two",), -1),
        ("has_body", (), 1), ("has_body", ("text/plain",), 1), ("has_body", ("a/b",), -1),
        ("is_present_hf_re", ("^X-",), 1), ("is_present_hf_re", ("^Y-",), -1),
        ("remove_hf_re", ("^X-",), 1), ("remove_hf_re", ("^Nope",), -1),
        ("remove_hf_idx", ("X-Two", "1"), 1), ("remove_hf_idx", ("X-Two", 5), 2), ("remove_hf_idx", ("X-Two", -1), 1),
        ("remove_hf_exp", ("^X-T", "X-A"), 1),
        ("replace", ("hello", "bye"), 1), ("replace", ("nope", "bye"), -1),
        ("subst", ("/ua\\/1/other/",), 1), ("subst_body", ("/z/L/",), -1),
        ("subst_hf", ("X-Two", "/q/B/", "a"), -1), ("subst_uri", ("/nope/x/",), -1), ("subst_user", ("/8/9/",), 1),
        ("is_privacy", ("id",), -1), ("remove_body", (), 1), ("keep_hf", ("X-Two",), 1),
    ],
)  # fmt: skip
def test_a_command_has_kamailios_code(command: str, args: tuple[object, ...], code: int) -> None:
    assert codes(lambda k: getattr(k, command)(*args), **SENT) == [code]


def test_headers_are_put_where_they_are_asked_to_stand() -> None:
    def route(ksr: Ksr) -> None:
        ksr.append_hf("X-End: 1\r\n")
        ksr.append_hf("X-Behind: 1\r\n", "Call-ID")
        ksr.insert_hf("X-First: 1\r\n")
        ksr.insert_hf("X-Before: 1\r\n", "CSeq")

    found = names(relayed(route, headers=HEADERS))
    assert found[-1] == "X-End"
    assert found[found.index("Call-ID") + 1] == "X-Behind"
    assert found[found.index("CSeq") - 1] == "X-Before"
    assert "X-First" in found[:2]


def test_headers_are_taken_out_by_name_by_place_and_by_expression() -> None:
    assert relayed(lambda k: k.remove_hf_idx("X-Two", 0), headers=HEADERS).get_all("X-Two") == ["b, c"]
    assert relayed(lambda k: k.remove_hf_re("^x-"), headers=HEADERS).count("X-Two") == 0
    message = relayed(lambda k: k.remove_hf_exp("^[XU]", "^User"), headers=HEADERS)
    assert (message.count("X-Two"), message.count("User-Agent")) == (0, 1)
    kept = names(relayed(lambda k: k.keep_hf("^X-"), headers=HEADERS))
    assert "User-Agent" not in kept
    assert {"X-Two", "Via", "CSeq"} <= set(kept)


def test_a_message_is_substituted_in_as_with_sed() -> None:
    def route(ksr: Ksr) -> None:
        ksr.subst("/^(User-Agent): ua\\/(.)/\\1: \\2-ua/")
        ksr.subst_body("/l/L/g")
        ksr.subst_hf("X-Two", "/B/x/i", "l")
        ksr.subst_user("/0/oo/")
        ksr.subst_uri("/^sip:1oo/sip:2/")

    message = relayed(route, **SENT)
    assert (message.get("User-Agent"), message.body, message.get_all("X-Two")) == ("1-ua", b"heLLo", ["a", "x, c"])
    assert message.uri == "sip:28@127.0.10.108"


def test_a_text_is_replaced_once_or_everywhere() -> None:
    assert relayed(lambda k: k.replace_body("l", "L"), **SENT).body == b"heLlo"
    assert relayed(lambda k: k.replace_body_all("l", "L"), **SENT).body == b"heLLo"
    assert relayed(lambda k: k.search_append("User-Agent: ua", "x"), **SENT).get("User-Agent") == "uax/1"
    assert relayed(lambda k: k.search_append_body("he", "y"), **SENT).body.startswith(b"heyl")


def test_a_body_is_set_with_its_type_and_taken_away() -> None:
    message = relayed(lambda k: k.set_body("new", "text/x"), **SENT)
    assert (message.body, message.get_all("Content-Type"), message.get_all("Content-Length")) == (
        b"new", ["text/x"], ["3"],
    )  # fmt: skip
    empty = relayed(lambda k: k.remove_body(), **SENT)
    assert (empty.body, empty.count("Content-Type"), empty.get_all("Content-Length")) == (b"", 1, ["0"])


def test_what_is_no_expression_and_no_substitution_is_told() -> None:
    assert "'(' is no regular expression" in raised(lambda k: k.search("("))
    assert "'/a/b' is no substitution; write it as in /old/new/g" in raised(lambda k: k.subst("/a/b"))
    assert "'/a/b/q' is no substitution" in raised(lambda k: k.subst_user("/a/b/q"))


# --- textopsx ---------------------------------------------------------------------------------------------


def test_changes_show_in_the_message_itself_once_they_are_applied() -> None:
    said = codes(
        lambda k: k.append_hf("X-A: 1\r\n"), lambda k: k["$hdr(X-A)"], lambda k: k.is_present_hf("X-A"),
        lambda k: k.msg_apply_changes(), lambda k: k["$hdr(X-A)"], lambda k: k.is_present_hf("X-A"),
    )  # fmt: skip
    assert said == [1, None, -1, 1, "1", 1]


def test_what_was_applied_goes_on_with_the_request_and_its_new_uri() -> None:
    def route(ksr: Ksr) -> None:
        ksr["$rU"] = "109"
        ksr.set_body("one", "text/x")
        ksr.msg_apply_changes()
        ksr.append_hf("X-A: 1")

    message = relayed(route, **SENT)
    assert (message.uri, message.body, message.get("X-A")) == ("sip:109@127.0.10.108", b"one", "1")
    assert message.count("Via") == 2


def test_a_message_can_be_another_altogether_if_it_can_be_read() -> None:
    said = codes(
        lambda k: k.msg_set_buffer("junk"), lambda k: k.msg_set_buffer("SIP/2.0 200 OK\r\n\r\n"),
        lambda k: k.msg_set_buffer(str(k["$mb"]).replace("ua/1", "ua/2")), lambda k: k["$ua"], **SENT,
    )  # fmt: skip
    assert said == [-1, -1, 1, "ua/2"]


def test_a_reply_gets_another_status_of_its_class() -> None:
    seen: list[int] = []

    def onreply(ksr: Ksr) -> None:
        ksr.append_hf("X-A: 1")
        seen.extend(int(ksr.change_reply_status(code, "Gone")) for code in (180, 410))

    bench = Bench(Routes(lambda k: [k.t_on_reply("R"), k.t_relay()], onreply_routes={"R": onreply}))
    caller, callee = bench.end("106"), bench.end("108")
    caller.send(caller.request("MESSAGE", AT_108))
    callee.answer(callee.hears("MESSAGE"), 404)
    assert (seen, caller.summaries) == ([-1, 1], ["410 Gone (MESSAGE)"])
    assert caller.response(410).get("X-A") == "1"
