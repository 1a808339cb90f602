"""The commands a route may use: a file here is the Kamailio module of that name, a function in it a command.

A command receives the turn at hand and returns Kamailio's return code; what it sends goes into the turn's `outbox`.
Each file ends in EXPORTS, the table of what its module brings. What a module keeps in a proxy is a
`proxy.turn.ModuleState`.
"""
