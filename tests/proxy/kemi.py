"""KEMI as Kamailio 5.6.3 has it: what each function of the commands here returns.

Source: `kamcmd app_python.api_list` with app_python3 and the modules loaded; `tests/kamailio/test_kemi.py` asks again.
"""

from __future__ import annotations

KEMI = """
    route                               int
    corex.append_branch                 int
    force_rport                         bool
    is_myself                           bool
    xlog.xlog                           int
    is_method                           bool
    hdr.append                          int
    hdr.append_to_reply                 int
    textops.remove_hf                   int
    textops.is_present_hf               int
    siputils.has_totag                  int
    sanity.sanity_check                 int
    maxfwd.process_maxfwd               int
    pike.pike_check_req                 int
    permissions.allow_source_address    int
    dialog.is_known_dlg                 int
    tm.t_relay                          int
    tm.t_check_trans                    int
    tmx.t_precheck_trans                int
    tm.t_check_status                   int
    tm.t_newtran                        int
    tm.t_load_contacts                  int
    tm.t_next_contacts                  int
    tm.t_reply                          int
    tm.t_on_failure                     int
    tm.t_on_reply                       int
    tm.t_on_branch                      int
    tm.t_is_canceled                    int
    tm.t_set_fr                         int
    tm.t_replicate                      int
    tmx.t_cancel_branches               int
    tm.t_drop_replies                   int
    tm.t_release                        int
    sl.sl_send_reply                    int
    sl.send_reply                       int
    sl.sl_reply_error                   int
    registrar.save                      int
    registrar.lookup                    int
    registrar.registered                int
    registrar.unregister                int
    rr.record_route                     int
    rr.loose_route                      int
    dispatcher.ds_select_dst            int
    dispatcher.ds_select_domain         int
    dispatcher.ds_next_dst              int
    dispatcher.ds_next_domain           int
    dispatcher.ds_mark_dst              int
    nathelper.nat_uac_test              int
    nathelper.fix_nated_register        int
    nathelper.fix_nated_contact         int
    nathelper.add_contact_alias         int
    nathelper.handle_ruri_alias         int
    auth_db.auth_check                  int
    auth.pv_auth_check                  int
    auth.auth_challenge                 int
    auth.consume_credentials            int
    htable.sht_reset                    int
    htable.sht_rm_name_re               int
    sqlops.sql_query                    int
    sqlops.sql_result_free              int
    statistics.update_stat              int
"""
RETURNS: dict[str, str] = dict(line.split() for line in KEMI.split("\n") if line.strip())
"""By KEMI name."""
WITHOUT = {"exit", "drop", "sl_reply", "www_challenge", "proxy_challenge", "dlg_keep_ends", "registered_at"}
"""Commands that KEMI has not: its scripts return, or call another; the last two are labsip's own."""
