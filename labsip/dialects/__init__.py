"""Ways to write a route. A dialect turns text into `Routes`, and is what a proxy asks about that text.

In: functions, or text. Out: `proxy.script.Routes`, whose blocks are functions, and a `proxy.dialect.Dialect`: where in
the text each command stands, what a block looks like, how a fault in it is told. There is `python`, the lessons' own.

A dialect with a text of its own compiles each block to a Python function whose lines are the text's lines, and puts a
`python.SourceMap` into its globals: trace, explorer and errors then show that text, and a block that never ends is
stopped at its line.
"""
