"""Where we differ from Kamailio on purpose, and which captures can't be replayed message by message.

`python -m tests.kamailio.differences` prints the page docs/kamailio-differences.md, which a test compares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.kamailio import commands, kept, scenes, sql, variables
from tests.kamailio.captures import Seen

Messages = list[Seen]


@dataclass(frozen=True)
class Difference:
    """Something we do differently; `expect` turns what Kamailio sent into what we send."""

    kamailio: str
    labsip: str
    why: str
    captures: tuple[str, ...]
    expect: Callable[[Messages], Messages]


def _reason_above_length(sent: Messages) -> Messages:
    def moved(data: bytes) -> bytes:
        head, blank, body = data.partition(b"\r\n\r\n")
        length, reason = head.split(b"\r\n")[-2:]
        if not length.startswith(b"Content-Length") or not reason.startswith(b"Reason"):
            return data
        return head[: -len(length) - len(reason) - 2] + reason + b"\r\n" + length + blank + body

    return [seen._replace(data=moved(seen.data)) for seen in sent]


def _last_486_unsent(sent: Messages) -> Messages:
    last = max(place for place, seen in enumerate(sent) if seen.data.startswith(b"SIP/2.0 486"))
    return sent[:last] + sent[last + 1 :]


def _via_first_in_ack(sent: Messages) -> Messages:
    def moved(data: bytes) -> bytes:
        first, hops, via, *rest = data.split(b"\r\n")
        if not (first.startswith(b"ACK") and hops.startswith(b"Max-Forwards") and via.startswith(b"Via")):
            return data
        return b"\r\n".join([first, via, hops, *rest])

    return [seen._replace(data=moved(seen.data)) for seen in sent]


DIFFERENCES = (
    Difference(
        "The Reason of a CANCEL comes after Content-Length",
        "before it",
        "the order of different headers is irrelevant (RFC 3261 §7.3.1), and our messages end with Content-Length",
        ("step3_fork", "step5_fork", "step5_fork_603", "step5_hijack", "step6_fork"),
        _reason_above_length,
    ),
    Difference(
        "An INVITE repeated after its final response was acknowledged is answered with that response again",
        "nothing is sent",
        "in the state Confirmed only Timer I happens (RFC 3261 §17.2.1, figure 7)",
        ("step5_invite_retransmitted", "step6_invite_retransmitted"),
        _last_486_unsent,
    ),
    Difference(
        "The Max-Forwards added to an INVITE without one is above Via in the ACK for its negative response, too",
        "below it",
        "Via is found fastest at the top (RFC 3261 §7.3.1)",
        ("step6_max_forwards_other",),
        _via_first_in_ack,
    ),
    Difference(
        "`Max-Forwards:  9`: the number is changed in place, and a missing digit leaves a space",
        "`Max-Forwards: 9`",
        "white space is irrelevant (RFC 3261 §7.3.1)",
        ("step6_max_forwards_other",),
        lambda sent: [seen._replace(data=seen.data.replace(b"Forwards:  ", b"Forwards: ")) for seen in sent],
    ),
)

LOOPS = "hundreds of relays to itself, in a trimmed capture: only its shape is compared"
LEFT_OUT = dict.fromkeys(
    (
        "step3_expired_call_loop",
        "step3_loop_bystanders",
        "step3_no_user",
        "step3_unregistered_loop_512mb",
        "step3_unregistered_loop_64mb",
        "step3_unregistered_loop_cancel",
    ),
    LOOPS,
)
"""Captures that test_captures leaves out, with the reason; test_loops takes them."""

ELSEWHERE = (
    ("Kamailio", "labsip", "why"),
    ("Server: kamailio (…)", "Server: labsip", "our own name"),
    (
        "branches and To-tags are computed from the message and the process",
        "drawn from the lab's seed; the part of a To-tag that depends on the request stays the same for its repeats",
        "a second run tells the same story on every machine",
    ),
    (
        "timers fire on a grid of 1/16 s, up to 30 ms early",
        "exactly when they are due; `labsip serve` looks every 1/16 s, too, and is never early",
        "time is an argument",
    ),
    (
        "shared memory is real: 64 MB hold some 434 transactions of the step 3 loop",
        "counted (`modules/tm/cell.py`): the cell, the parsed headers, the texts of the request, of what was forwarded "
        "and of the last response; some 440 fit",
        "the loop of lesson 3 must end here as in Kamailio",
    ),
    (
        "a 200 from a branch given up while others still ring is thrown away",
        "it is passed on",
        "RFC 3261 §16.7 step 5: the caller must hear about it",
    ),
    (
        "a CANCEL is sent again whenever the cancelled branch says 1xx, and by its timer",
        "by its timer only",
        "RFC 3261 §9.1: it is a transaction of its own",
    ),
    (
        "its Via over TCP carries the number of the connection a request came by (`i=`)",
        "it does not",
        "a response finds the connection by its address, and goes where Via says if that is gone (RFC 3261 §18.2.2)",
    ),
    (
        "a request over TCP without a readable Content-Length closes the connection without an answer",
        "it is answered 400 before that",
        "RFC 3261 §18.3",
    ),
    (
        "an alias in Via counts only with tcp_accept_aliases",
        "it counts, for another port of the host it came from, unless a connection goes there",
        "RFC 5923: a phone behind a firewall is reached by the connection it made",
    ),
    (
        "with udp_mtu, a large request forwarded without a transaction (an ACK for a 2xx) goes over TCP, too",
        "by UDP",
        "nobody would notice if the connection was refused",
    ),
    (
        "a nonce is the same for everybody within a second",
        "no two are the same",
        "uses are counted by nonce and user, and two phones of one user may not use up each other's (RFC 7616 §3.4)",
    ),
    (
        "with nonce_count, credentials used before return -4 as an old nonce; the algorithm they name does not matter",
        "-6; another algorithm than the challenge's returns -1",
        "auth's own documentation; an eavesdropper must not be able to choose the weakest (RFC 8760 §2.3)",
    ),
    (
        "an item of an htable expires on a whole second, up to one late",
        "exactly after autoexpire",
        "time is an argument",
    ),
    (
        "an algorithm unknown to ds_select_dst takes the first destination; destinations on probation are sent OPTIONS",
        "0, 4 and 8 exist, any other is an error; no probes are sent, and a destination marked inactive stays so",
        "a wrong number should be noticed; our proxy begins no transactions of its own",
    ),
    (
        "in `$dbr` a number of more than 32 bits is truncated, and a negative row or column crashes the process",
        "the whole number; $null",
        "results are read as they are",
    ),
    (
        "save and sanity_check may also be used in an onreply_route",
        "not there",
        "they need a request, and there is none",
    ),
)
"""Differences that no capture shows, or that are normalised before comparing."""


SAID = (*commands.CASES, *kept.CASES, *sql.CASES, *scenes.SCENES)
"""The cases that both run."""


LANGUAGE = (
    ("Kamailio", "labsip", "why"),
    ("`forward(127.0.10.200, 5060)` sends, and returns -1", "it returns 1", "it was sent"),
    (
        '`sl_reply("404", "$null")` says 404 Internal Server Error, an empty text only 404',
        "404 Not Found",
        "the usual reason is meant",
    ),
    (
        "a reply with the status 700 is sent",
        "it is refused with the line of the route, and the request is answered 500",
        "a status is 100 to 699 (RFC 3261 §7.2)",
    ),
    (
        "JSON-RPC that is none is not answered, or with `{}`; a text for a number counts 0; HTTP/1.0 is not taken",
        "it is answered -32700 or -32600; it is refused; it is taken",
        "whoever asks hears what is wrong (JSON-RPC 2.0)",
    ),
    (
        "`cfg.get tm fr_timer` is not readable, and `dlg.briefing` has the caller's tag in to_tag, too",
        "30000; the tag of the called",
        "what can be set can be seen",
    ),
    (
        "unknown routes, and unknown variables in texts, stop the start after `kamailio -c` has passed them",
        "`labsip check-cfg` tells them with all other faults",
        "one look finds all",
    ),
    (
        "in a file without the line `#!KAMAILIO`, an unknown `$name` is `$avp(name)`",
        "it is a fault, with the nearest known name",
        "it is more likely a slip",
    ),
    (
        "a comment that is never closed, and an `#!else` without its `#!ifdef`, may be passed over",
        "each is a fault with its line",
        "nobody means them",
    ),
    (
        "a file may have any size, and blocks any depth",
        "4 MiB, 150,000 words, 60 levels, 10 files included in each other; more is told with its line",
        "a file that never ends must not hold anything up",
    ),
    (
        "a response of a transaction for which no t_on_reply was said runs the reply_route twice",
        "once",
        "nobody means that",
    ),
    (
        "`$rc` is 0 after a word of the core in a condition, as in `if (isflagset(1))`",
        "as it was before, as after any other word of the core",
        "a code of 0 says nothing about the flag",
    ),
    (
        "`event_route[tm:local-response]` runs for the first response only; dispatcher's, usrloc's and tls's events",
        "they never run, and the log says so when the file is read",
        "labsip pings nobody, and a lab's connections are the network's affair",
    ),
    (
        "a KEMI class without ksr_onsend_route or ksr_reply_route breaks the next call of KSR",
        "the log says once that it will there",
        "a script that works here must not fail there unannounced",
    ),
    (
        "`(a)\\1` finds what the group has found; `{1,300}` repeats 300 times",
        "an error: no `\\1` in an expression, at most 255 repeats, 2000 states",
        "a search with them can't be bounded",
    ),
    (
        "a regular expression may run for minutes",
        "in a text longer than 16 million, divided by the states of the expression, it finds nothing",
        "every search ends",
    ),
    (
        '`#!subst "/A/$rm/"` fills in a message that Kamailio makes up, or fails, by the modules loaded before',
        "an error",
        "there is no message yet",
    ),
)
"""Of the language, on purpose."""


def page() -> str:
    """docs/kamailio-differences.md."""
    lines = [
        "# Where labsip differs from Kamailio",
        "",
        "Every capture is replayed to our proxy (`tests/kamailio`), once with our route for the step, once with the",
        "kamailio.cfg that Kamailio 5.6 ran, and its output is compared with what that sent: the same messages to the",
        "same parties in the same order, byte for byte, but for branches, tags and nonces. `python -m",
        "tests.kamailio.differences` prints this page, and a test compares it.",
        "",
        "## Seen in the captures",
        "",
        *_table(("Kamailio", "labsip", "why", "captures")),
        *(_row(d.kamailio, d.labsip, d.why, ", ".join(d.captures)) for d in DIFFERENCES),
        "",
        "## Elsewhere",
        "",
        *_table(ELSEWHERE[0]),
        *(_row(*row) for row in ELSEWHERE[1:]),
        "",
        "## kamailio.cfg",
        "",
        "Small programs in the language are run by `labsip serve --cfg`, and print and send what a real Kamailio did",
        "(`test_cfglang.py`). On purpose some things are otherwise.",
        "",
        *_table(LANGUAGE[0]),
        *(_row(*row) for row in LANGUAGE[1:]),
        "",
        "## Commands",
        "",
        "Each command is also run on a real Kamailio and on labsip, in some three hundred cases (`commands.py`,",
        "`nat.py`, `kept.py`, `sql.py` and `scenes.py` in `tests/kamailio`). The return codes and all messages sent",
        "are the same, except for these. So are variables and transformations (`variables.py`).",
        "",
        *_table(("command", "labsip", "why")),
        *(_row(c.name, *c.differs) for c in SAID if c.differs[0]),
        *(_row(f"`{row.text}`", *row.differs) for row in variables.ROWS if row.differs[0]),
        "",
        "## Captures not replayed message by message",
        "",
        *_table(("capture", "why")),
        *(_row(name, why) for name, why in LEFT_OUT.items()),
        "",
    ]
    return "\n".join(lines)


def _table(head: tuple[str, ...]) -> list[str]:
    return [_row(*head), _row(*("---" for _ in head))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(page(), end="")
