"""The wire: what carries messages between nodes and records them. All sockets, threads and clocks are here.

Two networks with one interface (`network`): real sockets on this machine (`sockets`, on the thread of `loop`; `udp` has
its datagrams, `stream` its connections, over TCP and `tls`; `way` knows which one a message takes), and memory in
virtual time (`memory`). `wire` loses, delays and repeats on either; `place` finds a lab its addresses.
"""
