"""The lab under a hand: panels that move while calls run, and a ladder that can be walked through.

    panel      Panel: phones to press, location table, ladder, commands, wires to break; as one view, or a phone alone
    explorer   Explorer: the messages of a call or a capture one by one, with the lines of the route that ran for them
    transactions  Transactions: the RFC's figure, the way each transaction took, a slider over its steps
    runs       those ways: the machines run again over the record
    load       Load: many calls at a steady rate, and what became of each
    living     what the views share: the pace, and what is left where nothing moves
    told       what is told of one message, as plain values
    glossary   header names, in a sentence each
    phones     a phone's state and its buttons, as plain values
    faults     the switches on the wires
    state      what a view shows, and what of it changed
    surface    the view in the page (`page/`: its JavaScript and its style), if anywidget is there

A view is an addition. Its `repr` is a text that says the same, and in a page that text and a picture stand before it,
which is what is left where there is no kernel, no anywidget, or no page.
"""

from labsip.live.explorer import Explorer, explore, watch
from labsip.live.panel import Panel

__all__ = ["Explorer", "Panel", "explore", "watch"]
