"""The picture: a flow as ladder, message, state diagram. Each is text first, then a drawing of the same.

    ladder        Ladder: a flow as a sequence plot, drawn, in characters, in Mermaid, as a page
    side_by_side  compare: flows in columns, a line a message
    listing       MessageView: one message, whole; changes: what a hop did to it, header by header
    before_after  before_after: the proxy's tables around one message
    states        StateDiagram: a transaction machine as the RFC draws it

`layout` places a ladder and `chart` a machine, both without a pixel. `text` and `page` write a ladder,
`drawing` (with `strokes`) and `states_drawing` draw, letters and all (`outlines`), in the colours of `palette`.
`picture` is what a notebook does with a drawing. What is read out of a flow is read in `flow/`. Importing this room
costs nothing: matplotlib comes with the first drawing, pandas with the first table.
"""
