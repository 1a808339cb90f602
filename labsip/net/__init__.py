"""The wire: what carries datagrams between nodes and records them. All sockets, threads and clocks are here.

Two networks with one interface (`network`): real sockets on this machine (`udp`, on the thread of `loop`), and
memory in virtual time (`memory`). `wire` loses, delays and repeats on either; `place` finds a lab its addresses.
"""
