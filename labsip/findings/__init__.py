"""The findings: what went wrong in a flow, in plain words, each tied to the rows that show it.

In comes a flow, a lab's or a capture's. `rules` is the one table of what is looked for; how, stands in a file for each
matter: `invites` (their ACKs and CANCELs), `refusals`, `registrations`, `delivery` of messages, `audio`. `evidence` is
what they all look at, `explanation` what comes out.
"""

from labsip.findings.explanation import Explanation, Finding, explain
from labsip.findings.rules import RULES, Rule

__all__ = ["RULES", "Explanation", "Finding", "Rule", "explain"]
