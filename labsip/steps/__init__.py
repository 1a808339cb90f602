"""Routes in the order they are built up: what `labsip serve --step` runs, and the lessons show.

`story` has lessons 01 to 05: each does what the kamailio.cfg beside it in the lesson does. Beyond the lessons come
`blocks`, `identity` (steps auth and carrier, each with all before it), and `full`, all of it at its best; `trust` is
whom that serves. `Routes.settings` are the parameters that go with a step.
"""

from labsip.proxy.script import Routes
from labsip.steps import story
from labsip.steps.blocks import blocks, voicemail
from labsip.steps.full import STRICT, full, known_by_connection, missed
from labsip.steps.identity import with_auth, with_carrier

STEPS = {
    "stub480": Routes(story.stub480),
    "register": Routes(story.register),
    "first-call": Routes(story.first_call),
    "first-call-no-exit": Routes(story.first_call_no_exit),
    "not-registered": Routes(story.not_registered),
    "cancel": Routes(story.cancel),
    "blocks": blocks(),
    "blocks-voicemail": blocks(voicemail("127.0.10.150:5060")),
    "auth": with_auth(),
    "carrier": with_carrier(),
    "full": Routes(full, onreply_route=known_by_connection, failure_routes={"MISSED": missed}, settings=STRICT),
}
"""Route files by the name `labsip serve --step` takes."""
