"""The journey of a message: `receive` → `route` → `forward`, stateless as Kamailio's core is.

In come datagrams, out go datagrams; what a route changes on the way are lumps (`lump`), applied when it leaves.
The commands a route can say live in `modules`; they hook into the journey as `module.Module`.
"""
