"""Routes that are a KEMI script: a Python file as Kamailio's app_python3 runs it.

In: the file. Out: `Routes`, whose blocks are the methods of the object that its `mod_init()` returns. `program` reads
it, `imports` is the `import` of its code, `ksr` the module `KSR` it finds there, made from the modules' exports and
what stands in `core_functions`, `header_functions` and `variable_functions`, with the arguments of `signatures`.
`hand` knows which message a function of KSR is about.
"""

from labsip.dialects.kemi.program import Program, load

__all__ = ["Program", "load"]
