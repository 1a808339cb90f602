"""What comes before the route of the lab: its own KEMI script is beside this one."""

import KSR

import @SCRIPT@ as lab


def mod_init():
    """The object of the lab's script, with this in front of its request_route."""
    script = lab.mod_init()
    request_route = script.ksr_request_route

    def ksr_request_route(msg):
@DMQ@        # Is this node alive? Whoever asks wants no phone.
        if KSR.is_method("OPTIONS") and KSR.is_myself_ruri() and KSR.pv.is_null("$rU"):
            KSR.sl.sl_send_reply(200, "OK")
            return 1
        return request_route(msg)

    script.ksr_request_route = ksr_request_route
    return script
