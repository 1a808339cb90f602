"""The commands a route may say: a file here is the Kamailio module of that name, a function in it a word.

In comes the routing at hand, out goes Kamailio's return code; what a command sends goes to the routing's `_out`.
A module with state of its own has a subclass of `proxy.module.Module`, one for each proxy.
"""
