"""Commands of Kamailio's RPC, asked in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.modules.jsonrpcs import answer_json, written
from labsip.proxy.rpc import Named
from labsip.proxy.script import Routes
from labsip.sip.transport import Address, Datagram
from tests.ends import PROXY, Bench


def bench(**settings: Any) -> Bench:
    return Bench(lambda ksr: [ksr.save("location"), None][1], **settings)


def asked(data: object, made: Bench | None = None, **options: Any) -> Any:
    """Status and answer."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    answer = answer_json((made or bench()).proxy, 0.0, raw, who="me", **options)
    return answer.status, answer.reason, json.loads(answer.body)


def call(method: str, *params: object, **more: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1, **more}


def test_a_command_is_answered() -> None:
    assert asked(call("core.echo", "a", 1)) == (200, "OK", {"jsonrpc": "2.0", "result": ["a", "1"], "id": 1})


def test_arguments_may_have_names() -> None:
    assert asked(call("core.echo") | {"params": {"x": "a", "y": 1}})[2]["result"] == ["a", "1"]


def test_a_command_that_says_nothing_answers_an_empty_object() -> None:
    assert asked(call("ul.rm", "location", "106"))[2] == {"jsonrpc": "2.0", "result": {}, "id": 1}


def test_a_fault_has_its_code() -> None:
    fault = {"code": 500, "message": "AOR not found in location table"}
    assert asked(call("ul.lookup", "location", "x")) == (
        500, "AOR not found in location table", {"jsonrpc": "2.0", "error": fault, "id": 1},
    )  # fmt: skip


def test_an_unknown_command_is_refused_in_kamailios_words() -> None:
    status, reason, reply = asked(call("nosuch"))
    assert (status, reason, reply["error"]) == (500, "Method Not Found", {"code": 500, "message": "Method Not Found"})


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b"9" * 5000, b'{"a": "\\ud800"}'])
def test_what_is_no_json_is_told_so(data: bytes) -> None:
    status, _, reply = asked(data)
    assert (status, reply["error"]["code"]) == (400, -32700) if data[:1] != b"9" else (400, reply["error"]["code"])


@pytest.mark.parametrize("data", [[], 1, [call("core.version")], {"id": 1}, {**call("core.version"), "jsonrpc": "1.0"}])
def test_what_is_no_request_is_told_so(data: object) -> None:
    assert asked(data)[2]["error"] == {"code": -32600, "message": "Invalid Request"}


@pytest.mark.parametrize(("given", "back"), [(7, 7), ("a", "a"), (1.5, 1.5), (None, 0), (True, 0), ([1], 0)])
def test_an_id_comes_back(given: object, back: object) -> None:
    assert asked({**call("core.echo"), "id": given})[2]["id"] == back


def test_without_an_id_there_is_none() -> None:
    assert "id" not in asked({"jsonrpc": "2.0", "method": "core.version"})[2]


def test_only_who_may_changes_something() -> None:
    made = bench(shvset="n=i:5")
    assert asked(call("pv.shvSet", "n", "int", 6), made, writes=False)[:2] == (
        403, "pv.shvSet changes something, and here is only answered what reads: --ctl-write",
    )  # fmt: skip
    assert asked(call("pv.shvGet", "n"), made, writes=False)[2]["result"]["value"] == 5
    assert asked(call("pv.shvSet", "n", "int", 6), made)[0] == 200
    assert made.notes == ["rpc: pv.shvSet of me refused: it changes something", "rpc: pv.shvSet n int 6 (me)"]


def test_the_spelling_is_kamailios() -> None:
    value = {"q": 0.5, "whole": -1.0, "none": None, "list": [Named("C", {"a": "b\n"}), 1], "empty": {}}
    assert (
        written(value, pretty=False) == '{"q":0.500000,"whole":-1,"none":null,"list":[{"C":{"a":"b\\n"}},1],"empty":{}}'
    )
    assert written({"list": [Named("C", {"a": 1}), {"b": 2}], "none": {}}, pretty=True) == (
        '{\n\t"list":\t[{\n\t\t\t"C":\t{\n\t\t\t\t"a":\t1\n\t\t\t}\n\t\t}, {\n\t\t\t"b":\t2\n\t\t}],\n'
        '\t"none":\t{\n\t}\n}'
    )


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["jsonrpc", "method", "params", "id"]) | st.text(), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_answered(data: bytes) -> None:
    answer = answer_json(BENCH.proxy, 0.0, data, who="me")
    assert answer.status in (200, 400, 403, 500)
    assert json.loads(answer.body.decode("utf-8", "replace"))["jsonrpc"] == "2.0"


BENCH = bench()


def test_http_brings_it() -> None:
    routes = Routes(lambda _: None, event_routes={"xhttp:request": lambda ksr: ksr.jsonrpc_dispatch()})
    body = json.dumps(call("core.echo", "a")).encode()
    head = b"POST /RPC HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body)
    asked = Datagram(head + body, Address("127.0.0.1", 40000, "tcp"), PROXY._replace(proto="tcp"))
    (sent,) = Bench(routes).proxy.receive(asked, 0.0)
    head, _, answer = sent.data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    assert answer == b'{"jsonrpc":"2.0","result":["a"],"id":1}'


@given(
    st.sampled_from(sorted(BENCH.proxy.exports.rpcs)),
    st.lists(
        st.text(max_size=9)
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.none()
        | st.booleans()
        | st.sampled_from(["location", "sip:a@b", "tm", "fr_timer", "int", "n", "all"]),
        max_size=9,
    ),
)
def test_any_arguments_of_any_command_are_answered(name: str, arguments: list[object]) -> None:
    data = json.dumps({"jsonrpc": "2.0", "method": name, "params": arguments}).encode()
    assert answer_json(BENCH.proxy, 0.0, data, who="me").status in (200, 400, 404, 500)
