"""What calls came of and who may call, on both engines: `lab.acc`, and challenges that are nothing to report."""

from __future__ import annotations

from typing import Any

from labsip import Lab

ACCOUNTS = (
    "".join(f'loadmodule "{name}.so"\n' for name in ("tm", "sl", "pv", "rr", "siputils", "textops", "acc"))
    + """
modparam("acc", "log_flag", 1)
modparam("acc", "log_missed_flag", 2)
modparam("acc", "log_extra", "who=$fU")
request_route {
    if (!is_method("ACK")) { setflag(1); setflag(2); }
    if (has_totag()) { loose_route(); t_relay(); exit; }
    if ($rU == "109") { acc_log_request("404 no; such"); sl_send_reply("404", "No"); exit; }
    record_route();
    $ru = "sip:108@WHERE";
    t_relay();
}
"""
)


def test_what_calls_came_of_is_a_row_each(made_with: dict[str, Any]) -> None:
    with Lab(name="accounts", seed=1, **made_with) as lab:
        alice, bob = lab.phone("106"), lab.phone("108")
        lab.cfg(ACCOUNTS.replace("WHERE", str(bob.address)))
        alice.call("108").hang_up()
        alice.call("109")
        bob.busy()
        alice.call("108")
        assert lab.acc[["event", "method", "code", "reason", "who"]].to_numpy().tolist() == [
            ["transaction answered", "INVITE", "200", "OK", "106"],
            ["transaction answered", "BYE", "200", "OK", "106"],
            ["request accounted", "INVITE", "404", "no; such", "106"],
            ["call missed", "INVITE", "486", "Busy Here", "106"],
        ]
        assert all(text.startswith("ACC: ") for text in lab.log.text)
        assert len(lab.log) == 4
        assert lab.errors == []


def test_a_challenge_is_no_error(made_with: dict[str, Any]) -> None:
    with Lab(name="challenge", seed=1, users={"106": "secret"}, **made_with) as lab:
        lab.use("auth")
        assert "200 OK" in repr(lab.phone("106", password="secret").register())
        assert "401" in repr(lab.phone("107", password="secret").register())
        assert "401" in repr(lab.phone("106", password="wrong").register())
        assert lab.errors == []
