"""Session descriptions (RFC 4566) and offer/answer (RFC 3264), enough for a phone with one voice stream.

Every line is kept in its order, unknown ones too: what is printed is what was read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from labsip.sip.errors import BadMessage

Line = tuple[str, str]
"""Type and value: ("m", "audio 40000 RTP/AVP 0")."""

CONTENT_TYPE = "application/sdp"
VOICE = {"0": "PCMU/8000", "8": "PCMA/8000"}
"""What this phone speaks, by its static payload type (RFC 3551 §6), favourite first."""
EVENTS = "telephone-event/8000"
_EVENTS_PAYLOAD = "101"

SENDRECV, SENDONLY, RECVONLY, INACTIVE = "sendrecv", "sendonly", "recvonly", "inactive"
_SENDS_RECEIVES = {SENDRECV: (True, True), SENDONLY: (True, False), RECVONLY: (False, True), INACTIVE: (False, False)}


@dataclass(frozen=True, slots=True)
class Media:
    """One media stream: its m= line and what follows it."""

    lines: tuple[Line, ...]

    @property
    def kind(self) -> str:
        """audio, video, ..."""
        return self._words[0]

    @property
    def port(self) -> int:
        """Where the media goes; 0: the stream is refused or switched off."""
        return int(self._words[1].partition("/")[0])

    @property
    def proto(self) -> str:
        """RTP/AVP, RTP/SAVP, ..."""
        return self._words[2]

    @property
    def formats(self) -> list[str]:
        """Payload types, the favourite first."""
        return self._words[3:]

    @property
    def codecs(self) -> dict[str, str]:
        """Payload type → encoding, in order: {"0": "PCMU/8000"}; those neither static nor explained are left out."""
        mapped = dict(_rtpmap(value) for kind, value in self.lines if kind == "a" and value.startswith("rtpmap:"))
        known = VOICE | mapped
        return {payload: known[payload] for payload in self.formats if payload in known}

    @property
    def _words(self) -> list[str]:
        return self.lines[0][1].split()


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """An offer or an answer: the lines of the session, then its media streams."""

    lines: tuple[Line, ...]
    media: tuple[Media, ...] = ()

    @classmethod
    def parse(cls, body: bytes) -> SessionDescription:
        """Raises BadMessage (400) if it is no session description."""
        session: list[Line] = []
        streams: list[list[Line]] = []
        for line in body.splitlines():  # of bytes: in text, some letters that are not ASCII end lines, too
            text = line.decode("utf-8", "surrogateescape")
            if not text.strip():
                continue  # not allowed, but seen behind the last line
            kind, equals, value = text.partition("=")
            if len(kind) != 1 or not equals:
                raise BadMessage(f"no line of a session description: {text!r}")
            if kind == "m":
                streams.append([])
            (streams[-1] if streams else session).append((kind, value))
        if not session or session[0] != ("v", "0"):
            raise BadMessage("a session description begins with v=0")
        return cls(tuple(session), tuple(_checked(stream) for stream in streams))

    def __bytes__(self) -> bytes:
        lines = [*self.lines, *(line for stream in self.media for line in stream.lines)]
        return "".join(f"{kind}={value}\r\n" for kind, value in lines).encode("utf-8", "surrogateescape")

    @property
    def direction(self) -> str:
        """Which way its voice goes, as its sender sees it: sendrecv, sendonly, recvonly or inactive."""
        voice = next((stream for stream in self.media if stream.kind == "audio" and stream.port), None)
        return INACTIVE if voice is None else self.direction_of(voice)

    def direction_of(self, stream: Media) -> str:
        """Which way a stream goes: its own a= line, else the session's, else sendrecv (RFC 3264 §5.1)."""
        lines = [*self.lines, *stream.lines]
        said = [value for kind, value in lines if kind == "a" and value in _SENDS_RECEIVES]
        direction = said[-1] if said else SENDRECV
        if self.host_of(stream) == "0.0.0.0" and not self.uses_ice(stream):  # the old way to hold (RFC 3264 §8.4)
            direction = agreed(RECVONLY, direction)
        return direction

    def uses_ice(self, stream: Media) -> bool:
        """Whether ICE finds out where the stream goes; 0.0.0.0 then means: not known yet (RFC 8840 §4.1.1)."""
        return any(kind == "a" and value.startswith("ice-ufrag:") for kind, value in (*self.lines, *stream.lines))

    def host_of(self, stream: Media) -> str:
        """Where a stream is wanted: its own c= line, else the session's (RFC 4566 §5.7); "" without one."""
        said = [value.split() for kind, value in (*self.lines, *stream.lines) if kind == "c"]
        return said[-1][2].partition("/")[0] if said and len(said[-1]) > 2 else ""

    def after(self, previous: SessionDescription | None) -> SessionDescription:
        """This description as the one after `previous`: its version is one higher, the same if nothing changed (§8)."""
        if previous is None:
            return self
        same = self._with_version(previous.version)
        return same if same == previous else self._with_version(previous.version + 1)

    @property
    def version(self) -> int:
        """The o= line's version number, 0 if there is none to be read."""
        origin = dict(self.lines).get("o", "").split()
        return int(origin[2]) if len(origin) > 2 and origin[2].isdigit() else 0

    def _with_version(self, version: int) -> SessionDescription:
        name, session, _, *rest = dict(self.lines)["o"].split()
        origin = " ".join([name, session, str(version), *rest])
        return replace(self, lines=tuple(("o", origin) if kind == "o" else (kind, value) for kind, value in self.lines))


def build_offer(host: str, port: int, direction: str = SENDRECV) -> SessionDescription:
    """What this phone can do (RFC 3264 §5): PCMU, PCMA and telephone-event at that address."""
    return SessionDescription(_session(host), (_voice(port, VOICE | {_EVENTS_PAYLOAD: EVENTS}, direction),))


def build_answer(offer: SessionDescription, host: str, port: int, direction: str = SENDRECV) -> SessionDescription:
    """The answer to an offer (RFC 3264 §6): the codecs both have, in the offer's order; `direction` is our wish.

    One voice stream is taken, any other is refused with port 0. Raises BadMessage (488) if none can be taken.
    """
    streams: list[Media] = []
    taken = False
    for stream in offer.media:
        common = {} if taken else _common(stream)
        if common:
            streams.append(_voice(port, common, agreed(offer.direction_of(stream), direction)))
            taken = True
        else:
            streams.append(Media((("m", f"{stream.kind} 0 {stream.proto} {' '.join(stream.formats)}"),)))
    if not taken:
        raise BadMessage("no voice codec in common: this phone speaks PCMU and PCMA", 488)
    times = [value for kind, value in offer.lines if kind == "t"]  # §6: the answer's t= line MUST equal the offer's
    return SessionDescription(_session(host, *times), tuple(streams))


def agreed(theirs: str, ours: str) -> str:
    """Which way a stream goes, seen by us, when they said `theirs` and we wish for `ours` (RFC 3264 §6.1)."""
    they_send, they_receive = _SENDS_RECEIVES[theirs]
    we_send, we_receive = _SENDS_RECEIVES[ours]
    both = we_send and they_receive, we_receive and they_send
    return next(name for name, value in _SENDS_RECEIVES.items() if value == both)


def _session(host: str, time: str = "0 0", *more: str) -> tuple[Line, ...]:
    # the session's number is the same in every run, so that a message's length is too
    ip = "IP6" if ":" in host else "IP4"
    times = [("t", value) for value in (time, *more)]
    return ("v", "0"), ("o", f"- 1 1 IN {ip} {host}"), ("s", "-"), ("c", f"IN {ip} {host}"), *times


def _voice(port: int, codecs: dict[str, str], direction: str) -> Media:
    lines = [("m", f"audio {port} RTP/AVP {' '.join(codecs)}")]
    for payload, encoding in codecs.items():
        lines.append(("a", f"rtpmap:{payload} {encoding}"))
        if encoding.lower() == EVENTS:
            lines.append(("a", f"fmtp:{payload} 0-15"))  # the keys 0 to 9, *, #, A to D (RFC 4733 §2.4.1)
    return Media((*lines, ("a", direction)))


def _common(stream: Media) -> dict[str, str]:
    """Payload types of a stream this phone can speak, by the offer's numbers; empty without a voice codec."""
    if stream.kind != "audio" or stream.proto != "RTP/AVP" or not stream.port:
        return {}
    voices = {encoding.lower() for encoding in VOICE.values()}
    ours = {p: e for p, e in stream.codecs.items() if e.lower() in voices or e.lower() == EVENTS}
    return ours if any(encoding.lower() in voices for encoding in ours.values()) else {}


def _rtpmap(value: str) -> tuple[str, str]:
    """`rtpmap:0 PCMU/8000/1` → ("0", "PCMU/8000"): one channel need not be said."""
    payload, _, encoding = value.removeprefix("rtpmap:").partition(" ")
    return payload, encoding.strip().removesuffix("/1")


def _checked(lines: list[Line]) -> Media:
    words = lines[0][1].split()
    if len(words) < 4 or not words[1].partition("/")[0].isdigit():
        raise BadMessage(f"no media line: m={lines[0][1]}")
    return Media(tuple(lines))
