"""Random routes of the lessons' language, as text; and what one does, whatever language it was translated to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from labsip.dialects.cfg import script_of
from labsip.dialects.kemi import load
from labsip.dialects.translation import cfg_text, kemi_text, script_in
from labsip.proxy.script import Routes
from labsip.sip.transport import Address
from tests.ends import Bench

INTS = ("x", 'ksr["$var(a)"]', "3", "0", "-2")
TEXTS = ('ksr["$rU"]', 'ksr["$fU"]', 'ksr["$avp(t)"]', '"108"', '"a b"', "t")
"""$avp(t) may be unset."""
MAYBE = ('ksr["$rU"]', 'ksr["$ua"]', 'ksr["$avp(t)"]', 'ksr["$tU"]')
COMMANDS = ('ksr.is_method("INVITE")', "ksr.has_totag()", 'ksr.is_method("OPTIONS|MESSAGE")', "ksr.is_myself(HOST)",
            'ksr.route("CODE")', "helper(ksr)", "handed(ksr, x)")  # fmt: skip
HEAD = 'HOST = "127.0.10.1"\n'
TAIL = """
@lab.route("CODE")
def code(ksr):
    if ksr.is_method("INVITE"):
        return 5
    if ksr["$avp(t)"] == "108":
        return
    return -2

def helper(ksr):
    if ksr["$fU"] != "106":
        return False
    return ksr.is_method("INVITE") or not ksr["$ua"]

def handed(ksr, x):
    y = x * 2
    return y > 4
"""


@st.composite
def numbers(draw: DrawFn) -> str:
    """A number."""
    one = draw(st.sampled_from(INTS))
    if draw(st.booleans()):
        return one
    return f"({one} {draw(st.sampled_from(['+', '-', '*']))} {draw(st.sampled_from(INTS))})"


@st.composite
def texts(draw: DrawFn) -> str:
    """A text."""
    one = draw(st.sampled_from(TEXTS))
    return draw(st.sampled_from([f'str({one} or "")', f'"<" + str({one} or "") + ">"', 'f"n{x}"', '"108"']))


@st.composite
def conditions(draw: DrawFn, depth: int = 2) -> str:
    """A condition."""
    kind = draw(st.integers(0, 9 if depth else 6))
    if kind == 0:
        return draw(st.sampled_from(COMMANDS[:5]))
    if kind == 1:
        sign = draw(st.sampled_from(["==", "!=", "<", ">=", "<=", ">"]))
        return f"{draw(numbers())} {sign} {draw(numbers())}"
    if kind == 2:
        return f"{draw(st.sampled_from(TEXTS))} {draw(st.sampled_from(['==', '!=']))} {draw(st.sampled_from(TEXTS))}"
    if kind == 3:
        return f"{draw(st.sampled_from(MAYBE))} is {draw(st.sampled_from(['', 'not ']))}None"
    if kind == 4:
        return draw(st.sampled_from([*MAYBE, "x", "t"]))
    if kind == 5:
        return f'{draw(st.sampled_from(MAYBE))} {draw(st.sampled_from(["in", "not in"]))} ("108", "106")'
    if kind == 6:
        return f'{draw(st.sampled_from(MAYBE))} == ""'
    inner, other = draw(conditions(depth=depth - 1)), draw(conditions(depth=depth - 1))
    return f"not ({inner})" if kind == 7 else f"({inner}) {'and' if kind == 8 else 'or'} ({other})"


@st.composite
def statements(draw: DrawFn, depth: int, indent: str) -> list[str]:
    """Some lines."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 11 if depth else 7))
        if kind == 0:
            lines.append(f"{indent}x = {draw(numbers())}")
        elif kind == 1:
            lines.append(f'{indent}ksr["$var(a)"] = {draw(numbers())}')
        elif kind == 2:
            lines.append(f'{indent}ksr["$avp(t)"] = {draw(texts())}')
        elif kind == 3:
            lines.append(f"{indent}t = {draw(texts())}")
        elif kind == 4:
            lines.append(f'{indent}ksr["$rU"] = {draw(st.sampled_from(["None", chr(34) + "109" + chr(34)]))}')
        elif kind == 5:
            lines.append(f'{indent}ksr.xlog(f"x={{x}} t={{t}}.")')
        elif kind == 6:
            lines.append(f"{indent}{draw(st.sampled_from(['return', 'ksr.exit()']))}")
        elif kind == 7:
            lines.append(f"{indent}x = 7 if {draw(conditions(depth=1))} else 8")
        elif kind in (8, 9):
            first = draw(st.sampled_from([*COMMANDS, *(f"not {one}" for one in COMMANDS), 'ksr.route("CODE") == -2']))
            condition = first if draw(st.booleans()) else draw(conditions())
            lines.append(f"{indent}if {condition}:")
            lines += draw(statements(depth - 1, indent + "    "))
            if draw(st.booleans()):
                lines.append(f"{indent}elif {draw(conditions())}:")
                lines += draw(statements(depth - 1, indent + "    "))
            if draw(st.booleans()):
                lines.append(f"{indent}else:")
                lines += draw(statements(depth - 1, indent + "    "))
        elif kind == 10:
            lines += [f"{indent}n = 0", f"{indent}while n < 3:", f"{indent}    n += 1"]
            lines += draw(statements(depth - 1, indent + "    "))
        else:
            lines.append(f'{indent}ksr.sl_reply({draw(st.sampled_from([200, 404]))}, "Said")')
    return lines


@st.composite
def routes(draw: DrawFn) -> str:
    """A whole file."""
    body = draw(statements(2, "    "))
    lines = ["def request_route(ksr):", "    x = 1", '    t = "s"']
    lines += ['    if ksr.is_method("MESSAGE"):', '        ksr["$avp(t)"] = "m"', *body]
    lines.append("    ksr.xlog(f\"end x={x} t={t} a={ksr['$var(a)']}\")")
    lines.append('    ksr.sl_reply(202, "Ended")')
    return HEAD + "\n".join(lines) + "\n" + TAIL


class _Lab:
    """Where the decorators of a file put its blocks."""

    def __init__(self) -> None:
        self.named: dict[str, Any] = {}

    def route(self, name: str) -> Callable[[Any], Any]:
        return lambda function: self.named.setdefault(name, function)


def in_python(text: str) -> Routes:
    """The route as it stands."""
    names: dict[str, Any] = {"lab": (lab := _Lab())}
    exec(compile(text, "route.py", "exec"), names)
    return Routes(names["request_route"], lab.named)


def in_cfg(text: str) -> Routes:
    """The route as a kamailio.cfg."""
    return script_of(cfg_text(script_in(text.encode(), "route.py"), [Address("127.0.10.1")])).routes


def in_kemi(text: str, file: Path) -> Routes:
    """The route as a KEMI script."""
    file.write_text(kemi_text(script_in(text.encode(), "route.py")), "utf-8")
    return load(file).routes


def done_by(made: Routes) -> tuple[list[str], list[str], list[str]]:
    """What a route does with some requests: the messages, what it logs, what it raises."""
    bench = Bench(made)
    caller = bench.end("106")
    for method, options in (
        ("OPTIONS", {}),
        ("INVITE", {"headers": (("User-Agent", "mine"),)}),
        ("MESSAGE", {"to": "<sip:108@127.0.10.1>;tag=x"}),
        ("OPTIONS", {"uri": "sip:127.0.10.1", "to": "<sip:127.0.10.1>"}),
    ):
        caller.send(caller.request(method, **options))  # type: ignore[arg-type]
    printed = [row.text.replace("None", "<null>") for row in bench.proxy.trace.commands if row.text]
    return bench.flow, printed, [error.text for error in bench.proxy.errors]
