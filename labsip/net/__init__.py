"""The wire: what carries messages between nodes and records them. All sockets, threads and clocks are here.

Two networks with one face (`network`) and the same turns for nodes (`parties`): real sockets on this machine
(`sockets`, on the thread of `loop`), and memory in virtual time (`memory`). On sockets each transport has a `carrier`:
`udp` datagrams, `stream` connections over TCP, `tls` and `websocket`; `connections` knows which of them a message
takes, and how they share the room there is. `transit` knows what is on its way; `wire` loses, delays and repeats on
either network; `addresses` finds a lab its own. `outlet` and `writer` write to what may stall, on their own threads.
"""
