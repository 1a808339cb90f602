"""The picture: the record as table, ladder, message, state diagram. Each is text first, then a drawing of the same.

    tables    flow_table, steps_table, location_table, machine_table: what was recorded, as DataFrames
    ladder    Ladder: a flow as a sequence plot, drawn, in characters, in Mermaid, as a page
    calls     calls: a row a call; legs: the Call-IDs that belong to one
    compare   compare: flows side by side
    message   MessageView: one message, whole
    changes   changes: what a hop did to a message, header by header
    states    StateDiagram: a transaction machine as the RFC draws it

`layout` places a ladder and `chart` (in `states`) a machine, both without a pixel; `drawing` and `states_drawing` put
ink to them (`ink`, `strokes`, `lettering`); `picture` is what a notebook does with either. Importing this room costs
nothing: pandas comes with `tables`, matplotlib with the first drawing.
"""
