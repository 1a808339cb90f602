"""What went wrong, in plain words, and the rows that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

from labsip.findings.evidence import Evidence
from labsip.findings.rules import RULES, Rule
from labsip.flow.conversation import Conversation
from labsip.flow.rows import Flow, ranges
from labsip.flow.skim import printable
from labsip.sip.errors import LabError, NoSuchName

if TYPE_CHECKING:
    import pandas as pd

FEW = 5
"""Rows that are shown with a finding; the numbers name them all."""
MANY = 20
"""Findings that are shown; `table` has them all."""
WIDE = 96
"""Characters of a line."""


class Finding(NamedTuple):
    """One thing that went wrong."""

    rule: Rule
    call_id: str
    """Of the call it is about, "" if it is about several."""
    sentence: str
    do: str
    rows: tuple[int, ...]
    """Of the flow: what shows it."""

    @property
    def name(self) -> str:
        """Of the rule."""
        return self.rule.name


class Explanation:
    """What was found, call after call; its `repr` is the text, `table` the same as a DataFrame."""

    def __init__(self, findings: list[Finding], flow: Flow) -> None:
        self.findings = findings
        self.messages = flow
        self._by_row = {one.row: one for one in flow}

    @property
    def flow(self) -> pd.DataFrame:
        """The flow that is explained, as a table."""
        return self.messages.table()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> list[str]:
        """Of the rules that found something, each once."""
        return list(dict.fromkeys(one.name for one in self.findings))

    def rows(self, name: str) -> pd.DataFrame:
        """The messages that show it: rows of the flow.

        Raises LabError if that rule found nothing, NoSuchName if there is none of that name.
        """
        if name not in {rule.name for rule in RULES}:
            raise NoSuchName("rule", name, [rule.name for rule in RULES])
        if name not in self:
            raise LabError(f"{name} found nothing here, only {', '.join(self.names) or 'nothing at all'}")
        return self.flow.loc[sorted({row for one in self.findings if one.name == name for row in one.rows})]

    @property
    def table(self) -> pd.DataFrame:
        """A row a finding: rule, sentence, do (what to do), reference, rows (of the flow), call_id."""
        import pandas as pd

        rows = [(one.name, one.sentence, one.do, one.rule.reference, one.rows, one.call_id) for one in self.findings]
        return pd.DataFrame(rows, columns=["rule", "sentence", "do", "reference", "rows", "call_id"])

    def __repr__(self) -> str:
        texts = [_text(number, one, self._lines(one)) for number, one in enumerate(self.findings[:MANY], 1)]
        return "\n\n".join([*texts, *self._rest])

    def _repr_html_(self) -> str:
        items = "".join(_html(one, self._lines(one)) for one in self.findings[:MANY])
        return f"<ol>{items}</ol>{''.join(map(escape, self._rest))}"

    @property
    def _rest(self) -> list[str]:
        """The text below the findings: that there are none, or of which kind the others are."""
        if not self.findings:
            return [f"none of the {len(RULES)} rules finds anything wrong in these {len(self.messages)} messages"]
        more = Counter(one.name for one in self.findings[MANY:])
        kinds = ", ".join(f"{name} {count}" for name, count in more.most_common())
        return [f"... and {more.total()} more ({kinds}): see .table, or explain(flow, call_id)"] if more else []

    def _lines(self, one: Finding) -> list[str]:
        """The first messages that show it, and how many more there are."""
        messages = [self._by_row[row] for row in one.rows[:FEW]]
        lines = [f"{each.row:>4}  {each.t:.3f}  {each.src} -> {each.dst}  {each.summary}" for each in messages]
        more = len(one.rows) - len(lines)
        return [*lines, f"      and {more} more"] if more else lines


def explain(flow: Flow | pd.DataFrame, call_id: str | None = None) -> Explanation:
    """Say what went wrong in a flow: each rule of `labsip.findings.RULES` in turn, call after call.

    flow: as a lab or `read_pcap` gives it, or a lab or a call itself. call_id: only this call is explained; the rest of
    the flow still tells who had registered. The same sentence about a call is one finding, with all its rows.
    Raises LabError if it is no flow, or has no such call.
    """
    flow, call_id = _asked(flow, call_id)
    if call_id is not None and call_id not in {one.call_id for one in flow}:
        raise LabError(f"no message has the Call-ID {call_id!r}; calls(flow).call_id has those there are")
    evidence = Evidence(flow, call_id)
    findings = list(_found(evidence.whole, evidence, [rule for rule in RULES if rule.whole]))
    rules = [rule for rule in RULES if not rule.whole]
    for one in evidence.asked:
        findings += _found(one, evidence, rules)
    return Explanation(findings, flow)


def _asked(flow: Any, call_id: Any) -> tuple[Flow, str | None]:
    """The flow and the Call-ID that are meant: a call brings the whole record it is a part of."""
    if call_id is None and hasattr(flow, "whole") and hasattr(flow, "call_id"):
        flow, call_id = flow.whole, flow.call_id
    return Flow.of(flow), getattr(call_id, "call_id", call_id)


def _found(one: Conversation, evidence: Evidence, rules: Iterable[Rule]) -> Iterable[Finding]:
    """The findings in one conversation; those of one rule that say the same are one."""
    covered: set[int] = set()
    found: dict[tuple[str, str], Finding] = {}
    for rule in rules:
        for rows, facts in rule.look(one, evidence):
            if rule.rest and covered.issuperset(rows):
                continue
            covered.update(rows)
            sentence, do = (printable(text.format(**facts)) for text in (rule.sentence, rule.do))
            same = found.get((rule.name, sentence))
            together = tuple(sorted({*rows, *(same.rows if same else ())}))
            found[rule.name, sentence] = Finding(rule, one.call_id, sentence, do, together)
    return found.values()


def _text(number: int, one: Finding, lines: list[str]) -> str:
    parts = [_wrapped(f"{number}. {one.name}: {one.sentence}"), *(f"   {line}" for line in lines)]
    if len(one.rows) > FEW:
        parts.append(f"   rows {ranges(one.rows)}")
    return "\n".join([*parts, _wrapped(f"   What to do: {one.do}"), f"   {one.rule.reference}"])


def _wrapped(text: str) -> str:
    return fill(text, WIDE, subsequent_indent="   ")


def _html(one: Finding, lines: list[str]) -> str:
    rows = escape("\n".join(lines))
    return (
        f'<li style="margin-bottom: .6em"><strong>{escape(one.sentence)}</strong> <code>{one.name}</code>'
        f"<details><summary>rows {ranges(one.rows)}</summary><pre>{rows}</pre></details>"
        f"<div>{escape(one.do)} <small>({escape(one.rule.reference)})</small></div></li>"
    )
