"""The faults: what went wrong in a flow, in plain words, each tied to the rows that show it.

In comes a flow, a lab's or a capture's; `rules` is the one table of what is looked for. How each is found stands by
its matter: `acknowledging`, `answering`, `cancelling`, `challenging`, `hearing` (media), `reaching`, `registering`,
and `capturing` for the record itself. `evidence` is what they all look at.
"""

from labsip.findings.explanation import Explanation, Finding, explain
from labsip.findings.rules import RULES, Rule

__all__ = ["RULES", "Explanation", "Finding", "Rule", "explain"]
