"""The wire: what carries messages between nodes and records them. All sockets, threads and clocks are here.

Two networks with one interface (`network`): real sockets on this machine (`sockets`, on the thread of `loop`), and
memory in virtual time (`memory`). On sockets each transport has a `carrier`: `udp` datagrams, `stream` connections over
TCP, `tls` and `websocket`; `directory` knows which of them a message takes. `wire` loses, delays and repeats on either
network; `addresses` finds a lab its own.
"""
