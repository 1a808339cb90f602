"""Every command a route may say, one line each: what `ksr` is in `def request_route(ksr)`.

A command is spelled as in Kamailio and returns its return code, true above zero. Pseudo-variables are read and set in
brackets: `ksr["$ru"]`, `ksr["$hdr(User-Agent)"]`, `ksr["$var(x)"] = 1`; `modules.pv` lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from labsip.modules import (
    auth,
    core,
    dialog,
    dispatcher,
    htable,
    maxfwd,
    nathelper,
    permissions,
    pike,
    pv,
    registrar,
    rr,
    sanity,
    siputils,
    sl,
    sqlops,
    textops,
    tm,
    usrloc,
    xlog,
)
from labsip.proxy.receive import Proxy
from labsip.proxy.route import Route, Routes, Routing
from labsip.proxy.settings import Settings
from labsip.proxy.spelling import Spelling
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.trace import Trace


class Ksr(Routing):
    """The message a route has in its hand, and the commands it can say about it."""

    # the script
    exit = core.exit_
    drop = core.drop
    route = core.route
    xlog = xlog.xlog
    # what is it?
    is_method = textops.is_method
    is_myself = core.is_myself
    has_totag = siputils.has_totag
    is_present_hf = textops.is_present_hf
    sanity_check = sanity.sanity_check
    mf_process_maxfwd_header = maxfwd.mf_process_maxfwd_header
    pike_check_req = pike.pike_check_req
    allow_source_address = permissions.allow_source_address
    # an answer from here
    sl_reply = sl.sl_reply
    sl_send_reply = sl.sl_send_reply
    send_reply = sl.send_reply
    sl_reply_error = sl.sl_reply_error
    # who is where
    save = registrar.save
    lookup = registrar.lookup
    registered = registrar.registered
    unregister = registrar.unregister
    # transactions
    t_relay = tm.t_relay
    t_check_trans = tm.t_check_trans
    t_precheck_trans = tm.t_precheck_trans
    t_check_status = tm.t_check_status
    t_newtran = tm.t_newtran
    t_load_contacts = tm.t_load_contacts
    t_next_contacts = tm.t_next_contacts
    t_reply = tm.t_reply
    t_on_failure = tm.t_on_failure
    t_on_reply = tm.t_on_reply
    t_on_branch = tm.t_on_branch
    t_is_canceled = tm.t_is_canceled
    t_set_fr = tm.t_set_fr
    t_replicate = tm.t_replicate
    t_cancel_branches = tm.t_cancel_branches
    t_drop_replies = tm.t_drop_replies
    t_release = tm.t_release
    # the way through
    record_route = rr.record_route
    loose_route = rr.loose_route
    append_branch = core.append_branch
    ds_select_dst = dispatcher.ds_select_dst
    ds_select_domain = dispatcher.ds_select_domain
    ds_next_dst = dispatcher.ds_next_dst
    ds_next_domain = dispatcher.ds_next_domain
    ds_mark_dst = dispatcher.ds_mark_dst
    force_rport = core.force_rport
    append_hf = textops.append_hf
    remove_hf = textops.remove_hf
    # behind NAT
    nat_uac_test = nathelper.nat_uac_test
    fix_nated_register = nathelper.fix_nated_register
    fix_nated_contact = nathelper.fix_nated_contact
    add_contact_alias = nathelper.add_contact_alias
    handle_ruri_alias = nathelper.handle_ruri_alias
    # who is it?
    auth_check = auth.auth_check
    pv_auth_check = auth.pv_auth_check
    auth_challenge = auth.auth_challenge
    www_challenge = auth.www_challenge
    proxy_challenge = auth.proxy_challenge
    consume_credentials = auth.consume_credentials

    # what is kept between messages
    sht_reset = htable.sht_reset
    sht_rm_name_re = htable.sht_rm_name_re
    sql_query = sqlops.sql_query
    sql_result_free = sqlops.sql_result_free

    def __getitem__(self, name: str) -> object:
        if not isinstance(name, str):
            raise LabError(f'{name!r} is no variable; write it as in ksr["$ru"]')
        return pv.read(self, name)

    def __setitem__(self, name: str, value: object) -> None:
        if not isinstance(name, str):
            raise LabError(f'{name!r} is no variable; write it as in ksr["$ru"] = "sip:108@127.0.0.1"')
        pv.write(self, name, value)

    def __dir__(self) -> list[str]:
        return list(COMMANDS)


COMMANDS = tuple(name for name in vars(Ksr) if not name.startswith("_"))
"""The commands in the order above."""

MODULES = (
    dialog.Dialogs,
    tm.Tm,
    sl.Sl,
    usrloc.UsrLoc,
    auth.Auth,
    htable.HTables,
    pike.Pike,
    permissions.Permissions,
    dispatcher.Dispatcher,
    sqlops.SqlOps,
)
"""The modules that keep something in each proxy."""


def build_proxy(
    routes: Routes,
    listen: Sequence[Address],
    *,
    ids: Random | None = None,
    trace: Trace | None = None,
    settings: Settings | None = None,
    secret: bytes = b"",
    began: float = 0.0,
) -> Proxy:
    """A proxy that runs these routes and knows all commands. `ids` makes its branches and record ids.

    settings: its parameters, instead of those that come with the routes. secret, began: as `Proxy` takes them.
    """
    return Proxy(
        routes,
        listen,
        ids=ids or Random(),
        routing=Ksr,
        modules=MODULES,
        trace=trace,
        settings=settings or routes.parameters(),
        secret=secret,
        began=began,
    )


def location(proxy: Proxy, now: float, table: str = "location") -> list[dict[str, object]]:
    """The location table: a row a contact, with the fields of `kamcmd ul.dump`."""
    return proxy.module(usrloc.UsrLoc).rows(now, table)


def check_commands(route: Route) -> None:
    """Read a route before it runs. Raises LabError, with the line, for a command or a variable that does not exist."""
    Spelling(COMMANDS, pv.check).check(route)
