"""A route in Python as a KEMI script, and the kamailio.cfg that loads it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable
from dataclasses import replace
from types import FunctionType, ModuleType

from labsip.dialects.cfg.cfg_writer import declaration
from labsip.dialects.cfg.known import known_of
from labsip.dialects.cfg.nodes import NOWHERE_IN_CFG, CfgEngine
from labsip.dialects.translation.cfg_head import (
    core_parameters,
    drivers_for,
    loaded,
    mod_param,
    module_parameters,
    modules_of,
    parameters_between,
)
from labsip.dialects.translation.kemi_calls import KemiCalls, method_name
from labsip.dialects.translation.kemi_function import KemiFunction
from labsip.dialects.translation.python_text import double_quoted
from labsip.dialects.translation.route_function import RouteFunction, Unknown, function_of
from labsip.dialects.translation.route_script import RouteScript
from labsip.dialects.translation.sorts import NULL, VARIABLE, SortTable
from labsip.modules import pv
from labsip.proxy.exports import Exports
from labsip.proxy.script import Kind
from labsip.sip.errors import LabError, did_you_mean
from labsip.sip.transport import Address
from labsip.vocabulary import EXPORTS

HEAD = '"""A KEMI script for Kamailio\'s app_python3. Made by labsip from a route in Python."""'
TOOLS = {
    "Code": '''class Code(int):
    """A command's code: true above zero."""

    def __bool__(self):
        return self > 0''',
    "checked": '''def checked(code):
    """A command's code; 0 ends the script, as in a kamailio.cfg."""
    if code == 0:
        sys.exit()
    return code''',
    "drop_": '''def drop_():
    """End the script, and drop the branch or the response at hand."""
    KSR.set_drop()
    sys.exit()''',
    "route_": '''def route_(block):
    """Run a route; what it returns is its code, 1 if that is no number; 0 ends the script."""
    code = block()
    return checked(Code(code if isinstance(code, int) else 1))''',
    "put": '''def put(name, value):
    """Set a variable: to a number, a text, or nothing."""
    if value is None:
        KSR.pv.unset(name)
    elif isinstance(value, int):
        KSR.pv.seti(name, value)
    else:
        KSR.pv.sets(name, value)''',
    "auth_check": '''def auth_check(realm, table, flags):
    """As auth_db's, by the passwords above."""
    user = KSR.pv.get("$au")
    if user is not None and user not in USERS:
        return -3
    return KSR.auth.pv_auth_check(realm, USERS.get(user, ""), 0, int(flags) & 1)''',
}
"""Functions that a script needs, by name; those it uses are written."""
ASKS = {"route_": ("Code", "checked")}
"""What they use themselves."""
METHODS = {Kind.REQUEST: "ksr_request_route", Kind.ONREPLY: "ksr_reply_route", Kind.ONSEND: "ksr_onsend_route"}
TABLED = ("save", "lookup", "registered", "unregister")
"""Commands whose first argument is a table of usrloc's."""


class KemiWriter:
    """One script. Raises LabError for what has no counterpart."""

    def __init__(self, script: RouteScript, exports: Exports) -> None:
        self.script = script
        self.sorts = SortTable(script)
        self._exports = exports
        self.calls = KemiCalls(exports, self.sorts, checks_passwords=not script.settings.get("auth_db_url"))
        self.variables: set[str] = set()
        self._names: dict[RouteFunction, str] = {}
        self._waiting: list[RouteFunction] = []
        self._plain_functions: dict[RouteFunction, RouteFunction] = {}
        self._constants: dict[str, str] = {}
        self._imports: set[str] = set()
        self._tools: set[str] = set()
        self._taken = {*TOOLS, "KSR", "USERS", "sys", "mod_init", "Script"}

    def text(self) -> str:
        """The whole script."""
        methods = [self._method(kind, name, function) for kind, name, function in self.script.blocks if kind != "route"]
        functions: list[str] = []
        while self._waiting:
            function = self._waiting.pop(0)
            functions.append(KemiFunction(function, self).text(self._names[function]))
        have = "".join(methods)
        methods += [_empty(name) for name in METHODS.values() if f"def {name}(" not in have]
        init = 'def mod_init():\n    """The object whose methods are the routes."""\n    return Script()'
        begun = "    def child_init(self, rank):\n        return 0"
        about = '    """The blocks of the route."""'
        script = "\n\n".join(["class Script:\n" + about, begun, *methods])
        functions = [double_quoted(one) for one in functions]
        sections = [*self._constants_text(), *self._tools_text(), *functions, script, init]
        return "\n\n\n".join(["\n\n".join([HEAD, self._imports_text()]), *sections]) + "\n"

    def _method(self, kind: str, name: str, function: RouteFunction) -> str:
        if kind == Kind.EVENT:
            hint = "put what it does into a file that mod_init runs, or translate it to a kamailio.cfg"
            raise LabError(f"{function.where(function.definition)}: KEMI has no event_route; {hint}")
        if kind in METHODS and not name:
            method = METHODS[Kind(kind)]
        else:
            method = method_name({Kind.FAILURE: "failure", Kind.BRANCH: "branch"}.get(Kind(kind), "onreply"), name)
        return f"    def {method}(self, msg):\n        {self.name_of(function)}()\n        return 1"

    def _imports_text(self) -> str:
        standard = sorted(self._imports | ({"sys"} if self._tools & {"checked", "drop_", "route_"} else set()))
        return "\n".join([*(f"import {name}" for name in standard), *([""] if standard else []), "import KSR"])

    def _constants_text(self) -> list[str]:
        lines = [double_quoted(f"{name} = {value}") for name, value in self._constants.items()]
        if self.calls.checks:
            users = {name: str(value) for name, value in self.script.settings.get("users", {}).items() if value}
            lines.append(double_quoted(f"USERS = {users!r}"))
            self._tools.add("auth_check")
        return ["\n".join(lines)] if lines else []

    def _tools_text(self) -> list[str]:
        wanted = self._tools | {other for name in self._tools for other in ASKS.get(name, ())}
        return [text for name, text in TOOLS.items() if name in wanted]

    # ---- names

    def wanted(self, name: str, *arguments: ast.expr) -> ast.Call:
        """A call of one of `TOOLS`."""
        self._tools.add(name)
        return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])

    def exit(self) -> ast.Call:
        """What ends a script, in whatever function."""
        self._imports.add("sys")
        return ast.Call(ast.Attribute(ast.Name("sys", ast.Load()), "exit", ast.Load()), [], [])

    def returns_nothing(self, name: str) -> bool:
        """Whether a function's result is None always, so that a route of it has the code 1."""
        return all(self.sorts.returned(one) == {NULL} for one, known in self._names.items() if known == name)

    def name_of(self, function: RouteFunction) -> str:
        """What a function of the route is called."""
        if function not in self._names:
            name = re.sub(r"\W", "_", function.name.strip("<>"))
            self._names[function] = self._free("block" if name == "lambda" else name)
            self._waiting.append(function)
        return self._names[function]

    def _free(self, name: str) -> str:
        free, number = name, 2
        while free in self._taken:
            free, number = f"{name}_{number}", number + 1
        self._taken.add(free)
        return free

    def route(self, name: str, node: ast.Call, function: RouteFunction) -> str:
        """The function that is route[name]."""
        for kind, known, block in self.script.blocks:
            if (kind, known) == ("route", name):
                return self.name_of(block)
        near = did_you_mean(name, self.script.names("route")).removeprefix("; ")
        return function.refuse(node, f"there is no route {name}", near or 'write @lab.route("NAME") above a function')

    def global_name(self, node: ast.Name, function: RouteFunction) -> str:
        """What a name is called that the function does not set: a constant is written above, a module imported."""
        try:
            value = function.scope(node.id)
        except Unknown:
            if hasattr(builtins, node.id):
                return node.id
            return function.refuse(node, f"{node.id} is nothing that is known here", "give it a constant value")
        if value is getattr(builtins, node.id, self):
            return node.id
        if isinstance(value, ModuleType):
            self._imports.add(value.__name__)
            return value.__name__
        if isinstance(value, FunctionType | RouteFunction):
            return self._plain(function_of(value) if isinstance(value, FunctionType) else value)
        return self._constant(node, value, function)

    def _plain(self, function: RouteFunction) -> str:
        """What a function is called that is not handed the message."""
        if function not in self._plain_functions:
            self._plain_functions[function] = replace(function, is_plain=True)
        return self.name_of(self._plain_functions[function])

    def _constant(self, node: ast.Name, value: object, function: RouteFunction) -> str:
        if isinstance(value, re.Pattern):
            self._imports.add("re")
            flags = value.flags & ~re.UNICODE
            text = f"re.compile({value.pattern!r}{f', {flags}' if flags else ''})"
        else:
            text = repr(value)
            try:
                same = ast.literal_eval(text) == value
            except (ValueError, SyntaxError):
                same = False
            if not same:
                hint = "write a number, a text, or a list or dictionary of them"
                function.refuse(node, f"{node.id} is a {type(value).__name__}, which can't be written down", hint)
        if self._constants.get(node.id) == text:
            return node.id
        known = next(
            (name for name, other in self._constants.items() if other == text and name.startswith(node.id)), ""
        )
        name = known or self._free(node.id)
        self._constants[name] = text
        return name

    def note_variable(self, text: str, where: str) -> None:
        """A variable is used. Raises LabError if there is none of that name."""
        try:
            pv.check(self._exports, text)
        except LabError as error:
            raise LabError(f"{where}: {error}") from None
        self.variables.add(text)


def _empty(name: str) -> str:
    return f"    def {name}(self, msg):\n        return 1"


def kemi_text(script: RouteScript, exports: Exports = EXPORTS) -> str:
    """The KEMI script that does the same. Raises LabError for what has no counterpart there, with its line."""
    return KemiWriter(script, exports).text()


def kemi_cfg(script: RouteScript, path: str, listen: Iterable[Address], exports: Exports = EXPORTS) -> str:
    """The kamailio.cfg for that script, whose file Kamailio finds at `path`. Raises as `kemi_text`."""
    writer = KemiWriter(script, exports)
    text = writer.text()
    parameters = list(module_parameters(script.settings, exports))
    commands = (writer.calls.used | {"pv_auth_check"}) - {"auth_check"} if writer.calls.checks else writer.calls.used
    if tables := _tables(text):
        parameters.append(mod_param("usrloc", "preload", tables))
    parameters.append(mod_param("app_python3", "load", path))
    known = known_of(exports).variables
    names = (match[1] for one in writer.variables for match in VARIABLE.finditer(one))
    needed = {known[name].module for name in names if name in known}
    needed |= {*drivers_for(parameters), *(one.modules.value for one in parameters), "pv"}
    modules = modules_of((), commands, known, needed)
    parameters += parameters_between(modules)
    head = core_parameters(script.settings, listen, commands, has_loops=False)
    sections = [
        "#!KAMAILIO\n# Made by labsip: it loads a KEMI script.",
        *("\n".join(map(declaration, part)) for part in (head, loaded(modules), parameters)),
        declaration(CfgEngine(NOWHERE_IN_CFG, "python")),
    ]
    return "\n\n".join(sections) + "\n"


def _tables(text: str) -> str:
    """The tables of usrloc that a script names."""
    return ",".join(dict.fromkeys(re.findall(r"KSR\.registrar\.(?:save|lookup|registered)\w*\([\"'](\w+)", text)))
