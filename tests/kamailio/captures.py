"""What a real Kamailio did: the captures beside the clone, each a pcap and a JSON file with the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from socket import inet_ntoa
from typing import Any, NamedTuple

import dpkt

from labsip.proxy.settings import MiB, Settings
from labsip.sip.transport import Address
from labsip.steps.identity import USERS
from labsip.vocabulary import settings_of

FOLDER = Path(__file__).parents[3] / "shared" / "captures"
CONFIGURATIONS = FOLDER.parent / "kamailio"
PROXY = Address("127.0.10.1", 5060)
KAMAILIO = "kamailio (5.6.3 (x86_64/linux))"
"""Its Server header; our proxy is given the same for the comparison."""

VOICEMAIL = "WITH_VOICEMAIL"

STEP_OF = {
    "step1_stub480.cfg": "stub480",
    "step2_register.cfg": "register",
    "step3_first_call.cfg": "first-call",
    "step3v_no_exit.cfg": "first-call-no-exit",
    "step4_not_registered.cfg": "not-registered",
    "step5_cancel.cfg": "cancel",
    "step6_blocks.cfg": "blocks",
    "step7_auth.cfg": "auth",
    "step8_carrier.cfg": "carrier",
}
"""Our route for the configuration a capture ran."""

_LATER = {"fr_timer": 5.0, "fr_inv_timer": 30.0, "max_expires": 3600, "append_fromtag": False, "users": USERS}
"""What the configurations of steps 6 to 8 set, and those before leave as it is."""
_SETTING_OF = {
    "FR_TIMER": ("fr_timer", 0.001),  # milliseconds in the configurations, seconds with us
    "FR_INV_TIMER": ("fr_inv_timer", 0.001),
    "MIN_EXPIRES": ("min_expires", 1),
    "UL_TIMER": ("timer_interval", 1),
    "NONCE_EXPIRE": ("nonce_expire", 1),
}


class Seen(NamedTuple):
    """A datagram on the wire; `t` in seconds from the first."""

    t: float
    src: Address
    dst: Address
    data: bytes


@dataclass(frozen=True)
class Capture:
    """One scenario: what was on the wire, and what Kamailio told about itself."""

    name: str
    step: str
    """Our route for it."""
    config: Path
    """What Kamailio ran."""
    defines: dict[str, str | None]
    """What it was given with `-A`."""
    settings: Settings
    seen: tuple[Seen, ...]
    script_saw: tuple[str, ...]
    """A line a request the script ran for, as its xlog wrote it."""
    location: dict[str, list[dict[str, str]]]
    """Dumps of the location table by the moment they were made."""
    counts: dict[str, int]
    """Of a trimmed capture: how many datagrams went which way in all."""
    biggest: int
    """Of a trimmed capture: length of its longest datagram."""


def names() -> list[str]:
    """All captures; none where the captures are not there."""
    return sorted(path.stem for path in FOLDER.glob("step*.pcap"))


def read(name: str) -> Capture:
    """One capture by its name."""
    about = json.loads((FOLDER / f"{name}.json").read_text())
    trimmed = about.get("trimmed", {})
    return Capture(
        name,
        STEP_OF[about["config"]] + ("-voicemail" if VOICEMAIL in about["defines"] else ""),
        CONFIGURATIONS / about["config"],
        {name: value or None for name, _, value in (define.partition("=") for define in about["defines"])},
        _settings(about),
        tuple(_seen(FOLDER / f"{name}.pcap")),
        tuple(about["script_saw"]),
        about["location"],
        trimmed.get("counts", {}),
        trimmed.get("biggest_payload", 0),
    )


def _settings(about: dict[str, Any]) -> Settings:
    chosen: dict[str, Any] = {"server": KAMAILIO, "shm_bytes": about.get("shm_mb", 64) * MiB}
    if about["config"] >= "step6":
        chosen |= _LATER
    for define in about["defines"]:
        if define == VOICEMAIL:
            continue
        name, _, value = define.partition("=")
        setting, unit = _SETTING_OF[name]
        chosen[setting] = int(value) * unit
    return settings_of(None, **chosen)


def _seen(path: Path) -> list[Seen]:
    seen: list[Seen] = []
    with path.open("rb") as file:
        for t, frame in dpkt.pcap.Reader(file):
            ip = dpkt.ethernet.Ethernet(frame).data
            src, dst = Address(inet_ntoa(ip.src), ip.data.sport), Address(inet_ntoa(ip.dst), ip.data.dport)
            seen.append(Seen(t - seen[0].t if seen else t, src, dst, bytes(ip.data.data)))
    return [seen[0]._replace(t=0.0), *seen[1:]] if seen else []
