"""rtpproxy and rtpengine: their words without a media relay. In a lab, media goes from phone to phone."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import ANY
from labsip.proxy.turn import ModuleState, Turn


@dataclass(frozen=True)
class MediaRelayParameters:
    """How the words of rtpproxy and rtpengine answer."""

    media_relay_code: int = 1
    """What rtpproxy_manage and the others return: 1 as if a relay had answered, -1 as if none had."""


class MediaRelays(ModuleState):
    """Whether the log has been told that there is none."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.told: set[str] = set()


def _answered(turn: Turn, word: str) -> int:
    relays = turn.module(MediaRelays)
    if word not in relays.told:
        relays.told.add(word)
        turn.proxy.trace.note(turn.now, f"{word}: there is no media relay here, the message keeps its SDP")
    return turn.proxy.settings.of(MediaRelayParameters).media_relay_code


@command(*ANY)
def rtpproxy_manage(turn: Turn, /, flags: str = "", ip: str = "") -> int:  # noqa: ARG001
    """Nothing but a line in the log; media_relay_code, which is 1.   Kamailio: rtpproxy"""
    return _answered(turn, "rtpproxy_manage")


@command(*ANY)
def rtpproxy_offer(turn: Turn, /, flags: str = "", ip: str = "") -> int:  # noqa: ARG001
    """The same.   Kamailio: rtpproxy"""
    return _answered(turn, "rtpproxy_offer")


@command(*ANY)
def rtpproxy_answer(turn: Turn, /, flags: str = "", ip: str = "") -> int:  # noqa: ARG001
    """The same.   Kamailio: rtpproxy"""
    return _answered(turn, "rtpproxy_answer")


@command(*ANY)
def rtpproxy_destroy(turn: Turn, /, flags: str = "") -> int:  # noqa: ARG001
    """The same.   Kamailio: rtpproxy"""
    return _answered(turn, "rtpproxy_destroy")


@command(*ANY)
def rtpengine_manage(turn: Turn, /, flags: str = "") -> int:  # noqa: ARG001
    """The same.   Kamailio: rtpengine"""
    return _answered(turn, "rtpengine_manage")


@command(*ANY)
def rtpengine_offer(turn: Turn, /, flags: str = "") -> int:  # noqa: ARG001
    """The same.   Kamailio: rtpengine"""
    return _answered(turn, "rtpengine_offer")


@command(*ANY)
def rtpengine_answer(turn: Turn, /, flags: str = "") -> int:  # noqa: ARG001
    """The same.   Kamailio: rtpengine"""
    return _answered(turn, "rtpengine_answer")


@command(*ANY)
def rtpengine_delete(turn: Turn, /, flags: str = "") -> int:  # noqa: ARG001
    """The same.   Kamailio: rtpengine"""
    return _answered(turn, "rtpengine_delete")


RTPPROXY = Module(
    "rtpproxy",
    commands=(
        rtpproxy_manage,
        rtpproxy_offer,
        rtpproxy_answer,
        rtpproxy_destroy,
        rtpproxy_destroy.alias("unforce_rtp_proxy"),
    ),
    parameters=MediaRelayParameters,
    state=MediaRelays,
)
RTPENGINE = Module("rtpengine", commands=(rtpengine_manage, rtpengine_offer, rtpengine_answer, rtpengine_delete))
