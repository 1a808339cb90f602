"""What is otherwise for a route behind a dispatcher, and what later versions of Kamailio want otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from labsip.export.deployment import Deployment
from labsip.export.lab_route import LabRoute

# fmt: off
SEEN = (
    (r"\$si\b|\$sp\b|\bsrc_ip\b|\bsrc_port\b", "asks where a request comes from (`$si`, `src_ip`)",
     "that is the front's address for everything; ask before the front, or in front.cfg"),
    (r"\bpike_check_req\b", "counts requests by sender (pike)",
     "the front is the only sender the nodes have; count in front.cfg instead, or the nodes block it"),
    (r"\ballow_(source_address|trusted|address)\w*", "trusts addresses (permissions)",
     "the address it sees is the front's: do not put that into a list of friends; ask in front.cfg"),
    (r"\b(fix_nated_\w+|nat_uac_test|add_contact_alias|set_contact_alias)\b", "mends NAT (nathelper)",
     "it would mend with the front's address; Path already brings answers and calls back the way a phone came"),
    (r"\b(htable|sht_\w+|\$sht|\$shv|setflag_shared)\b|\$sht\(", "keeps something between messages (htable, `$shv`)",
     "each node keeps its own; htable can share by dmq, too (its parameters enable_dmq and dmqreplicate=1)"),
    (r"\b(dlg_manage|dlg_\w+|is_known_dlg)\b", "follows dialogs (dialog)",
     "only the node that had the INVITE knows one: a call goes on when that dies, its dialog does not"),
    (r"\bds_select\w*", "is a dispatcher itself", "its list_file is not part of this folder; copy it to every node"),
)
OWN_TABLE = re.compile(r"modparam\(\"[^\"]*usrloc[^\"]*\", \"db_url\"")
LATER = (
    ("5.7", "nothing in these files. The core's new parameter `return_mode` changes what `return` means: leave it."),
    ("5.8", "nothing in these files, and the tables of a database stay as they are."),
    ("6.0", "a KEMI script finds `KSR` alone (what app_python3 had before KEMI is gone); dialog has no parameter "
            "`dlg_flag` any more; the table htable of a MySQL database gets longer columns."),
)
# fmt: on
"""What the project's notes for upgrades say; none of it was run."""


def sights(route: LabRoute, deployment: Deployment) -> Iterator[str]:
    """One line for each thing that is otherwise on a node than in the lab."""
    if route.left_out:
        lines = ", ".join(f"`{line}`" for line in route.left_out)
        yield f"It listened elsewhere: {lines}. Here it is UDP at the shared address, and nothing else."
    if deployment.has_front:
        for pattern, does, hint in SEEN:
            if re.search(pattern, route.text):
                yield f"The route {does}: {hint}."
    if deployment.has_front and any(OWN_TABLE.search(line) for line in (*route.parameters, *route.secrets)):
        yield (
            "Its usrloc had a database, which nodes that share a table would fill with the same rows twice: it is not"
            " used here; `--db` gives each node one of its own."
        )
    if deployment.has_front and any("preload" in line for line in route.parameters):
        yield "Tables of usrloc other than `location` are not shared unless dmq_usrloc's `usrloc_domain` names them."


def later() -> str:
    """A line for each later version."""
    return "\n".join(f"- **{version}**: {text}" for version, text in LATER)
