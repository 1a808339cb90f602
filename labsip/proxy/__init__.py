"""The journey of a message: `receive` → route → `forward`, stateless as Kamailio's core is.

In come datagrams, out go datagrams; what a route changes on the way are lumps (`lump`), applied when it leaves.
The commands a route can run live in `modules`; they hook into the journey as `exports.Module` says. How the route is
written is known to its `dialect` alone.
"""
