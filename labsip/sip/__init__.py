"""The language (RFC 3261): bytes and values, and what the RFC's rules say of them, as tables and pure functions.

`lines` finds the header lines of a message, `head` gives them their names, `message` is what they say, `build` writes
new ones, `framing` cuts messages out of a stream (§7, §18.3) · `headers`, `uri`, `digest`, `sdp` are values (§19, §20,
§22, RFC 3264) · `machines` are the four transaction machines (§17), `timing` their timers, `run` one run of a machine,
`transaction` a run with its messages · `dialog` (§12) · `transport` addresses, datagrams, nodes (§18) · `errors` what
can go wrong · `memo` what is read once. Nothing here knows a socket, a clock or another room.
"""
