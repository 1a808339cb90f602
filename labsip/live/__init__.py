"""A testbed under a hand: panels that move while calls run, and a ladder that can be walked through.

    panel         Panel: phones to press, location table, ladder, commands, wires to break; or a phone alone
    explorer      Explorer: the messages of a call or a capture one by one, with the route's lines that ran for them
    transactions  Transactions: the RFC's figure, the way each transaction took, a slider over its steps
    load          Load: many calls at a steady rate, and what became of each
    view          View: what all of them share, the pace and what is left where nothing moves
    surface       the view in the page (`page/`: its JavaScript and its style), if anywidget is there
    details       everything there is to tell about one message; `glossary` has a sentence for each header
    controls      the buttons of a phone, the switches on the wires

A view is an addition. Its `repr` is a text that says the same, and in a page that text and a picture stand before it,
which is what is left where there is no kernel, no anywidget, or no page.
"""

from labsip.live.explorer import Explorer, explore, watch
from labsip.live.panel import Panel

__all__ = ["Explorer", "Panel", "explore", "watch"]
