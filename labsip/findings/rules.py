"""What goes wrong with SIP, a rule a row: what shows it, how to say it, what to do, where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from labsip.findings import audio, delivery, invites, refusals, registrations
from labsip.findings.evidence import Evidence, Proof
from labsip.flow.conversation import Conversation

Look = Callable[[Conversation, Evidence], Iterator[Proof]]


class Rule(NamedTuple):
    """Something that goes wrong: how to find it, and what to say about it."""

    name: str
    look: Look
    """What to look for."""
    sentence: str
    """What to say; the fields are the facts of what was found."""
    do: str
    """What to do about it."""
    reference: str
    whole: bool = False
    """It looks at all messages at once, not at one conversation."""
    rest: bool = False
    """Only for what no rule above has shown."""

    @property
    def looks_for(self) -> str:
        """What to look for, in words."""
        return (self.look.__doc__ or "").strip()


# fmt: off
RULES = (
    Rule("captured-twice", delivery.twice,
         "{count} packets are in the capture twice, a moment apart: it listened on two interfaces.",
         "Nothing is wrong with the calls. Capture on one interface (tcpdump -i eth0) for a shorter ladder.",
         "tcpdump(8)", whole=True),
    Rule("unreadable", delivery.unreadable,
         "Messages that can't be read as SIP: {count}.",
         "Look at their bytes: flow.loc[row].raw.",
         "RFC 3261 §7", whole=True),
    Rule("lost", delivery.lost,
         "{what} from {src} to {dst} was lost on its way.",
         "Over UDP that happens; whoever waits for an answer has to repeat it.",
         "RFC 3261 §17", whole=True),

    Rule("circle", delivery.circle,
         "{request.src} sent the {request.method} to {whom}, again and again: {count} times were seen, the last with "
         "{vias} Vias.",
         "Nobody changed where it goes: after a failed lookup, answer (404) instead of t_relay. "
         "mf_process_maxfwd_header ends any circle.",
         "RFC 3261 §16.3 step 3, step 4"),
    Rule("loop-detected", refusals.loop_detected,
         "{final.src} had seen this {final.method} before: {final.line}.",
         "Compare its Vias: the hops between two of the same address sent it back.",
         "RFC 3261 §16.3 step 4"),
    Rule("hops-used-up", refusals.hops_used_up,
         "The {final.method} came to {final.src} with Max-Forwards {hops}, which leaves no hop: {final.line}.",
         "Either it went in a circle, or its sender began with too little; 70 is usual.",
         "RFC 3261 §16.3 step 3"),

    Rule("ack-never-sent", invites.ack_never_sent,
         "{final.src} sent its {final.line} {count} times, and no ACK was seen for it.",
         "See whether the {final.line} reached {caller}: a Via or a port may be wrong.",
         "RFC 3261 §13.2.2.4, §13.3.1.4"),
    Rule("ack-not-passed-on", invites.ack_not_passed_on,
         "{ack.src} acknowledged the {final.line}, but the ACK ended at {ack.dst}; {final.src} sent its {final.line} "
         "{count} times.",
         "A request with a To-tag goes on by its Route: has_totag, loose_route, t_relay, for ACK too. And record_route "
         "for the INVITE, or there is no Route.",
         "RFC 3261 §13.3.1.4, §16.12"),
    Rule("ack-late", invites.ack_late,
         "{final.src} sent its {final.line} {count} times until the ACK came, after {seconds:.3f} s.",
         "Look where the ACK, or the {final.line} before it, was held up.",
         "RFC 3261 §13.3.1.4"),
    Rule("ack-ignored", invites.ack_ignored,
         "{final.dst} acknowledged the {final.line}, but {final.src} sent it {count} times.",
         "The ACK has to meet its transaction: in the route of {final.src}, say t_check_trans for ACK.",
         "RFC 3261 §17.1.1.3, §17.2.1"),
    Rule("ack-missing", invites.ack_missing,
         "{final.src} sent {final.line} {count} times, and {final.dst} did not acknowledge it.",
         "See whether it reached {final.dst}; each hop sends its own ACK for a final of 300 and more.",
         "RFC 3261 §17.1.1.3"),

    Rule("cancel-refused", invites.cancel_refused,
         "{final.src} refused the CANCEL of {request.src}: {final.line}; {then}.",
         "A CANCEL belongs to the INVITE's transaction: in the route, if t_check_trans, then t_relay.",
         "RFC 3261 §9.2, §16.10"),
    Rule("cancel-unanswered", invites.cancel_unanswered,
         "{request.src} sent CANCEL {count} times, and {request.dst} said nothing.",
         "{request.dst} knows no INVITE with its branch, so t_check_trans is false; 481 would be the answer.",
         "RFC 3261 §9.1, §9.2"),
    Rule("cancel-late", invites.cancel_late,
         "The CANCEL of {request.src} came {seconds:.3f} s after the {final.line}: the call was up already.",
         "To end it now, send BYE.",
         "RFC 3261 §9.1, §15"),

    Rule("wrong-port", delivery.wrong_port,
         "The {request.method} came from {request.src}, but {final.src} sent {final.line} to {final.dst}: so says the "
         "Via, which has no rport.",
         "force_rport in the route, or rport in the phone's Via.",
         "RFC 3261 §18.2.2, RFC 3581 §4"),
    Rule("private-contact", delivery.private_contact,
         "{said.src} is seen at {public}, but the Contact in its {said.line} is {contact}: nobody outside gets there.",
         "It is behind NAT: fix_nated_register for REGISTER, set_contact_alias and handle_ruri_alias for calls.",
         "RFC 3581, RFC 5626"),
    Rule("silence", delivery.silence,
         "{request.src} sent {request.method} to {request.dst} {count} times in {seconds:.3f} s, and nothing came "
         "back{then}.",
         "Is {request.dst} still there? A phone that left without saying so stays in the table; a NAT or a firewall "
         "may have closed. With t_set_fr you find out sooner.",
         "RFC 3261 §17.1.1.2"),
    Rule("slow", delivery.slow,
         "{first.src} took {seconds:.3f} s for {first.line}; by then {first.method} had been sent {count} times.",
         "Without an answer a request is repeated after 0.5 s: look what {first.src} waited for.",
         "RFC 3261 §17.1.1.2, §17.1.2.2"),
    Rule("unheard", delivery.unheard,
         "{first.src} answered the {first.method} with {first.line}, but {request.src} sent it {count} times.",
         "The answer may not have arrived: look at the Via it was sent by.",
         "RFC 3261 §17.1.1.2, §18.2.2"),

    Rule("challenge-unanswered", refusals.challenge_unanswered,
         "{final.src} asked {request.src} for a password ({final.line}), and no {request.method} with one came.",
         "Give the phone user name and password; it sends the request again, its CSeq one higher.",
         "RFC 3261 §22.2, §22.3"),
    Rule("credentials-refused", refusals.credentials_refused,
         "{final.src} did not take what {request.src} answered for user {given.username} ({final.line}); the nonce was "
         "{age}.",
         "Wrong password, unknown user, or a nonce too old (nonce_expire): from outside they look alike, on purpose.",
         "RFC 3261 §22.4, RFC 7616 §3.3"),
    Rule("credentials-of-another", refusals.credentials_of_another,
         "{request.src} proved to be {given.username} and asked as {user}: {final.line}.",
         "User name and From (of a REGISTER: To) have to be the same user's.",
         "RFC 3261 §10.3 step 4"),

    Rule("expires-raised", registrations.expires_raised,
         "{request.src} asked to be registered for {asked} s, and {final.src} made it {granted} s.",
         "min_expires of the registrar; the RFC would have it answer 423.",
         "RFC 3261 §10.3 step 7"),
    Rule("expires-shortened", registrations.expires_shortened,
         "{request.src} asked to be registered for {asked} s, and {final.src} made it {granted} s.",
         "max_expires of the registrar; the phone has to register again before that.",
         "RFC 3261 §10.2.4, §10.3 step 7"),
    Rule("expires-too-brief", registrations.expires_too_brief,
         "{request.src} asked to be registered for less time than {final.src} takes: {least} s.",
         "Register for at least so long.",
         "RFC 3261 §10.2.8"),

    Rule("expired", registrations.expired,
         "The registration of {user}, for {granted:.0f} s, had run out {ago:.3f} s before.",
         "The phone has to register again in time; it is off, or does not read how long it was granted.",
         "RFC 3261 §10.2.4"),
    Rule("unregistered", registrations.unregistered,
         "{user} had taken its registration back {ago:.3f} s before.",
         "It has to register again to be called.",
         "RFC 3261 §10.2.2"),
    Rule("forgotten", registrations.forgotten,
         "{final.src} says {final.line}, but had registered {user}, for {left:.3f} s more.",
         "The table is lost when the server restarts (db_mode 0), or lookup asks another one than save wrote.",
         "RFC 3261 §10.3"),
    Rule("nobody-there", registrations.nobody_there,
         "{final.src} knows nobody called {user}: {final.line}. No registration of {user} was seen.",
         "404: not known here. 480 would mean known, but not now; 408, asked, but no answer.",
         "RFC 3261 §21.4.5"),
    Rule("not-now", refusals.not_now,
         "{final.src} says {final.line}{how}.",
         "480: known, but not now. 404 would mean not known here; 408, asked, but no answer.",
         "RFC 3261 §21.4.18"),
    Rule("no-pick-up", refusals.no_pick_up,
         "{said.src} said {said.line} and nothing more for {seconds:.3f} s; then {final.src} told {final.dst} "
         "{final.line}.",
         "Nobody picked up, and fr_inv_timer ran out: t_set_fr changes it, t_on_failure may try somebody else.",
         "RFC 3261 §16.8"),
    Rule("second-final", refusals.second_final,
         "{second.src} answered one {second.method} of {second.dst} twice: {first.line}, and then {second.line}.",
         "The route went on after it had answered: an exit (return) is missing.",
         "RFC 3261 §17.2, Kamailio core: exit"),
    Rule("still-up", refusals.still_up,
         "{request.src} hung up, but {final.src} refused the BYE: {final.line}. The other end does not know.",
         "A request with a To-tag goes on by its Route: has_totag, loose_route, t_relay.",
         "RFC 3261 §15.1, §16.12"),

    Rule("media-nowhere", audio.media_nowhere,
         "The {said.line} of {party} wants its {stream.kind} at {stream.host}: it will hear nothing.",
         "The phone does not know its own address, or begins on hold.",
         "RFC 3264 §8.4"),
    Rule("media-loopback", audio.media_loopback,
         "The {said.line} of {party} wants its {stream.kind} at {stream.host}, but it is at {public}: media sent there "
         "stay on the sender's own machine.",
         "Tell the phone which address to use; behind a proxy, rtpproxy or rtpengine may mend it.",
         "RFC 4566 §5.7"),
    Rule("media-private", audio.media_private,
         "The {said.line} of {party} wants its {stream.kind} at {stream.host}, but it is seen at {public}: nobody "
         "outside gets there.",
         "It is behind NAT: let rtpproxy or rtpengine carry the media, or the phone use STUN or ICE.",
         "RFC 4566 §5.7, RFC 8445"),
    Rule("media-refused", audio.media_refused,
         "The {said.line} of {party} has port 0 for all it is asked for ({kinds}): nobody hears anything.",
         "Compare the codecs of offer and answer: they may have none in common.",
         "RFC 3264 §6"),

    Rule("not-implemented", refusals.not_implemented,
         "The route of {final.src} has nothing for {final.method}: {final.line}.",
         "Give it a branch: if is_method, then what is to be done.",
         "RFC 3261 §8.2.1, §21.5.2", rest=True),
    Rule("refused", refusals.refused,
         "{final.src} refused the {final.method}: {final.line}{more}: {meaning}.",
         "Read the message it answers, and what its headers say of it.",
         "RFC 3261 §21", rest=True),
)
# fmt: on
"""In the order in which their findings are shown."""
