"""Scenes for a caller and two phones, played to a real Kamailio and to us: what a route does about its branches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr


@dataclass(frozen=True)
class Scene:
    """A request, what the script does with it, in kamailio.cfg's commands and in Python, and who answers what."""

    name: str
    cfg: str
    """Statements of the request_route; ONE and TWO are the phones' URIs."""
    python: Callable[[Ksr], object]
    steps: str
    """`one 180, two 486`: phone one answers so what came to it, then the other."""
    reply: tuple[str, Callable[[Ksr], object]] | None = None
    """An onreply_route, which t_on_reply("R…") asks for."""
    failure: tuple[str, Callable[[Ksr], object]] | None = None
    method: str = "INVITE"
    differs: tuple[str, str] = ("", "")
    """What we do otherwise on purpose, and why."""


def _fork(ksr: Ksr) -> None:
    ksr["$ru"] = ksr["$hdr(X-One)"]
    ksr.append_branch(str(ksr["$hdr(X-Two)"]))
    ksr.t_on_reply("R")
    ksr.t_relay()


def _cancelling(which: str) -> dict[str, Any]:
    """A fork; a 183 or a 486 of one phone cancels these, and carries what the command returned."""

    def reply(ksr: Ksr) -> None:
        if ksr["$rs"] in (183, 486):
            ksr.append_hf(f"X-Code: {int(ksr.t_cancel_branches(which))}\r\n")

    said = f't_cancel_branches("{which}"); $var(c) = $rc; append_hf("X-Code: $var(c)\\r\\n");'
    return {
        "cfg": '$ru = "ONE"; append_branch("TWO"); t_on_reply("R"); t_relay();',
        "python": _fork,
        "reply": (f'if (status == "183" || status == "486") {{ {said} }}', reply),
    }


def _dropping(mode: str | None, *, again: bool = True) -> dict[str, Any]:
    """One phone is called, then, if `again`, the other; the failure route drops responses in that mode."""

    def call(ksr: Ksr) -> None:
        ksr["$ru"] = ksr["$hdr(X-One)"]
        ksr.t_on_failure("F")
        ksr.t_relay()

    def failed(ksr: Ksr) -> None:
        if mode is not None:
            ksr.t_drop_replies(mode)
        if again and not ksr["$avp(again)"]:
            ksr["$avp(again)"] = 1
            ksr["$ru"] = ksr["$hdr(X-Two)"]
            ksr.t_relay()

    drop = "" if mode is None else f't_drop_replies("{mode}");'
    more = 'if ($avp(again) == $null) { $avp(again) = 1; $ru = "TWO"; t_relay(); }' if again else ""
    return {
        "cfg": '$ru = "ONE"; t_on_failure("F"); t_relay();',
        "python": call,
        "failure": (f'{drop} {more} xlog("x");', failed),
    }


def _replicated(ksr: Ksr) -> None:
    code = int(ksr.t_replicate(str(ksr["$hdr(X-One)"])))
    ksr.send_reply(202, f"Replicated {code}")


def _armed(ksr: Ksr) -> None:
    if ksr._turn.proxy.routes.failure_routes:
        ksr.t_on_failure("F")
    else:
        ksr.t_on_reply("R")
    ksr.t_replicate(str(ksr["$hdr(X-One)"]))


def _replicated_and_relayed(ksr: Ksr) -> None:
    ksr.t_replicate(str(ksr["$hdr(X-One)"]))
    ksr["$ru"] = ksr["$hdr(X-Two)"]
    ksr.t_relay()


def _to_du(ksr: Ksr) -> None:
    ksr["$du"] = ksr["$hdr(X-One)"]
    ksr.sl_send_reply(299, f"is {int(ksr.t_replicate())} {ksr['$du']}")


def _released(ksr: Ksr) -> None:
    ksr["$ru"] = ksr["$hdr(X-One)"]
    ksr.t_relay()
    ksr.t_release()


# fmt: off
SCENES = (
    Scene("t_cancel_branches, all",           **_cancelling("all"),           steps="one 180, two 180, one 183"),
    Scene("t_cancel_branches, others",        **_cancelling("others"),        steps="one 180, two 180, one 183"),
    Scene("t_cancel_branches, this",          **_cancelling("this"),          steps="two 180, one 183, two 404",
          differs=('t_cancel_branches("this") cancels the branch of the response at hand, in Kamailio 5.6 all branches',
                   "tmx's own documentation")),
    Scene("t_cancel_branches, a silent one",  **_cancelling("others"),        steps="one 183, two 180, one 200"),
    Scene("t_cancel_branches, all but busy",  **_cancelling("all"),           steps="two 180, one 486"),
    Scene("t_cancel_branches, the busy",      **_cancelling("this"),          steps="two 180, one 486, two 500"),
    Scene("t_drop_replies, not said",         **_dropping(None),              steps="one 404, two 486"),
    Scene("t_drop_replies, all",              **_dropping("a"),               steps="one 404, two 486"),
    Scene("t_drop_replies, last",             **_dropping("l"),               steps="one 404, two 486"),
    Scene("t_drop_replies, none",             **_dropping("n"),               steps="one 404, two 486"),
    Scene("t_drop_replies, none, the better", **_dropping("n"),               steps="one 486, two 404"),
    Scene("t_drop_replies, not said, no more", **_dropping(None, again=False), steps="one 404"),
    Scene("t_drop_replies, all, and no more", **_dropping("a", again=False),  steps="one 404"),
    Scene("t_drop_replies, last, and no more", **_dropping("l", again=False),  steps="one 404"),
    Scene("t_drop_replies, none, and no more", **_dropping("n", again=False),  steps="one 404"),
    Scene("t_replicate", 't_newtran(); t_replicate("ONE"); $var(c) = $rc; send_reply("202", "Replicated $var(c)");',
          lambda k: [k.t_newtran(), _replicated(k)], method="MESSAGE", steps="one 200"),
    Scene("t_replicate, an INVITE", 't_replicate("ONE"); $var(c) = $rc; send_reply("202", "Replicated $var(c)");',
          _replicated, steps="one 180, one 486"),
    Scene("t_replicate, where $du says",
          '$du = "ONE"; t_replicate(); $var(c) = $rc; sl_send_reply("299", "is $var(c) $du");', _to_du,
          method="MESSAGE", steps="one 404"),
    Scene("t_replicate, t_on_failure", 't_on_failure("F"); t_replicate("ONE");', _armed,
          method="MESSAGE", steps="one 500", failure=('t_reply("599", "Seen");', lambda k: k.t_reply(599, "Seen"))),
    Scene("t_replicate, t_on_reply", 't_on_reply("R"); t_replicate("ONE");', _armed,
          method="MESSAGE", steps="one 200", reply=('t_reply("598", "Seen");', lambda k: k.t_reply(598, "Seen"))),
    Scene("t_replicate, and t_relay", 't_replicate("ONE"); $ru = "TWO"; t_relay();', _replicated_and_relayed,
          method="MESSAGE", steps="one 200, two 200"),
    Scene("t_release, after t_relay", '$ru = "ONE"; t_relay(); t_release();', _released, method="MESSAGE",
          steps="one 200"),
)
# fmt: on


def config(one: str, two: str) -> str:
    """The script of kamailio.cfg."""
    requests, blocks = "", ""
    for number, scene in enumerate(SCENES):
        said = scene.cfg.replace('"R"', f'"R{number}"').replace('"F"', f'"F{number}"')
        requests += f'\tif ($hdr(X-Scene) == "{number}") {{ {said} exit; }}\n'
        blocks += f"onreply_route[R{number}] {{ {scene.reply[0]} }}\n" if scene.reply else ""
        blocks += f"failure_route[F{number}] {{ {scene.failure[0]} }}\n" if scene.failure else ""
    head = 'request_route {\n\tif (is_method("ACK")) { t_check_trans(); exit; }\n'
    text = f'{head}{requests}\tsl_send_reply("200", "ready");\n}}\n{blocks}'
    return text.replace("ONE", one).replace("TWO", two)


def routes(scene: Scene) -> Routes:
    """The same for one scene, in Python."""

    def request_route(ksr: Ksr) -> None:
        if ksr.is_method("ACK"):
            ksr.t_check_trans()
        else:
            scene.python(ksr)

    replies = {"R": scene.reply[1]} if scene.reply else {}
    failures = {"F": scene.failure[1]} if scene.failure else {}
    return Routes(request_route, onreply_routes=replies, failure_routes=failures)
