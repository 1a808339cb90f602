"""Which routes may say which command: as Kamailio's parser allows it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.dialects.cfg.catalogue import CATALOGUE
from labsip.proxy.script import BRANCH, FAILURE, ONREPLY, REQUEST, Kind
from labsip.vocabulary import EXPORTS
from tests.kamailio.engine import MODULES
from tests.kamailio.kept import PARAMETERS

ARGUMENTS = {
    "is_method": '"INVITE"',
    "is_myself": '"sip:1@127.0.0.1"',
    "t_check_status": '"486"',
    "sl_reply": '"404", "x"',
    "sl_send_reply": '"404", "x"',
    "send_reply": '"404", "x"',
    "t_reply": '"404", "x"',
    "t_on_failure": '"X"',
    "t_on_reply": '"X"',
    "t_on_branch": '"X"',
    "t_set_fr": "1000, 1000",
    "t_replicate": '"sip:1@127.0.0.1"',
    "t_cancel_branches": '"all"',
    "save": '"location"',
    "lookup": '"location"',
    "registered": '"location"',
    "unregister": '"location", "sip:1@127.0.0.1"',
    "mf_process_maxfwd_header": '"10"',
    "sanity_check": '"17895", "7"',
    "append_hf": r'"X: y\r\n"',
    "remove_hf": '"X"',
    "is_present_hf": '"X"',
    "nat_uac_test": '"19"',
    "append_branch": '"sip:1@127.0.0.1"',
    "xlog": '"x"',
    "append_to_reply": '"X-Y: z\\r\\n"',
    "update_stat": '"x", "+1"',
    "route": "X",
    "ds_select_dst": '"1", "4"',
    "ds_select_domain": '"1", "4"',
    "sql_query": '"ca", "x", "ra"',
    "sql_result_free": '"ra"',
    "sht_reset": '"a"',
    "sht_rm_name_re": '"a=>x"',
    "auth_check": '"r", "subscriber", "0"',
    **dict.fromkeys(
        ("www_authorize", "www_authenticate", "proxy_authorize", "proxy_authenticate"), '"r", "subscriber"'
    ),
    "pv_auth_check": '"r", "p", "0", "0"',
    "auth_challenge": '"r", "1"',
    "www_challenge": '"r", "1"',
    "proxy_challenge": '"r", "1"',
}
CHALLENGES = ("auth_challenge", "www_challenge", "proxy_challenge")
STRICTER = {(name, ONREPLY) for name in ("save", "is_known_dlg", "forward", *CHALLENGES)}
"""What Kamailio allows and we don't: there these look at the request a response answers, which nobody has asked for."""
KINDS = (REQUEST, ONREPLY, FAILURE, BRANCH)


def places(name: str) -> tuple[Kind, ...]:
    """The routes that may say a command."""
    return EXPORTS.commands[name].kinds


LOADED = {
    "core",
    "auth",
    "auth_db",
    "dialog",
    "statistics",
    "sqlops",
    *MODULES.split(),
    *re.findall(r'loadmodule "(\w+)', PARAMETERS),
}


def can_be_called(name: str) -> bool:
    """Whether the configuration has its module, and `statement` its arguments."""
    row = CATALOGUE.get(name)
    return name in ARGUMENTS or (row is not None and row.module in LOADED and 0 in row.counts)


KAMAILIOS = [name for name in EXPORTS.commands if can_be_called(name)]
"""Commands that Kamailio has; of the others its blocks are in `labsip.dialects.cfg.catalogue`."""


def statement(name: str) -> str:
    return f"{name}({ARGUMENTS.get(name, '')});"


def config(statements: dict[Kind, str]) -> str:
    said = {kind: statements.get(kind, "") + ' xlog("x");' for kind in KINDS}
    return "\n".join(
        [
            "#!KAMAILIO\ndebug=0\nchildren=1\ndisable_tcp=yes\nauto_aliases=no\ndns=no\nlisten=udp:127.0.0.1:5060",
            *(f'loadmodule "{module}.so"' for module in (*MODULES.split(), "auth", "db_text", "auth_db")),
            'loadmodule "dialog.so"\nloadmodule "statistics.so"\nmodparam("statistics", "variable", "x")',
            'modparam("auth_db", "db_url", "text:///nowhere")',
            PARAMETERS,
            'loadmodule "sqlops.so"\nmodparam("sqlops", "sqlcon", "ca=>text:///nowhere")',
            f"request_route {{ {said[REQUEST]} }}",
            f"onreply_route[X] {{ {said[ONREPLY]} }}",
            f"failure_route[X] {{ {said[FAILURE]} }}",
            f"branch_route[X] {{ {said[BRANCH]} }}",
            'route[X] { xlog("x"); }\n',
        ]
    )


@pytest.fixture(scope="module")
def accepts(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[Kind, str]], bool]:
    kamailio, file = need("kamailio"), tmp_path_factory.mktemp("places") / "places.cfg"

    def check(statements: dict[Kind, str]) -> bool:
        Path(file).write_text(config(statements))
        return subprocess.run([kamailio, "-c", "-f", str(file)], capture_output=True, check=False).returncode == 0

    return check


def test_kamailio_accepts_every_command_where_we_do(accepts: Callable[[dict[Kind, str]], bool]) -> None:
    assert accepts({kind: " ".join(statement(name) for name in KAMAILIOS if kind in places(name)) for kind in KINDS})


@pytest.mark.parametrize("name", [name for name in KAMAILIOS if set(places(name)) != set(KINDS)])
def test_kamailio_refuses_a_command_where_we_do(name: str, accepts: Callable[[dict[Kind, str]], bool]) -> None:
    for kind in KINDS:
        if kind not in places(name):
            assert accepts({kind: statement(name)}) is ((name, kind) in STRICTER), kind
