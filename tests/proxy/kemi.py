"""KEMI as Kamailio 5.6.3 has it: what each function of the commands here returns.

Source: `kamcmd app_python.api_list` with app_python3 and the modules loaded; `tests/kamailio/test_kemi.py` asks again.
"""

from __future__ import annotations

KEMI = """
    route                             int
    corex.append_branch               int
    force_rport                       bool
    is_myself                         bool
    xlog.xlog                         int
    is_method                         bool
    hdr.append                        int
    hdr.append_to_reply               int
    textops.remove_hf                 int
    textops.is_present_hf             int
    siputils.has_totag                int
    sanity.sanity_check               int
    maxfwd.process_maxfwd             int
    pike.pike_check_req               int
    permissions.allow_source_address  int
    dialog.is_known_dlg               int
    tm.t_relay                        int
    tm.t_check_trans                  int
    tmx.t_precheck_trans              int
    tm.t_check_status                 int
    tm.t_newtran                      int
    tm.t_load_contacts                int
    tm.t_next_contacts                int
    tm.t_reply                        int
    tm.t_on_failure                   int
    tm.t_on_reply                     int
    tm.t_on_branch                    int
    tm.t_is_canceled                  int
    tm.t_set_fr                       int
    tm.t_replicate                    int
    tmx.t_cancel_branches             int
    tm.t_drop_replies                 int
    tm.t_release                      int
    sl.sl_send_reply                  int
    sl.send_reply                     int
    sl.sl_reply_error                 int
    registrar.save                    int
    registrar.lookup                  int
    registrar.registered              int
    registrar.unregister              int
    rr.record_route                   int
    rr.loose_route                    int
    dispatcher.ds_select_dst          int
    dispatcher.ds_select_domain       int
    dispatcher.ds_next_dst            int
    dispatcher.ds_next_domain         int
    dispatcher.ds_mark_dst            int
    nathelper.nat_uac_test            int
    nathelper.fix_nated_register      int
    nathelper.fix_nated_contact       int
    nathelper.add_contact_alias       int
    nathelper.handle_ruri_alias       int
    auth_db.auth_check                int
    auth.pv_auth_check                int
    auth.auth_challenge               int
    auth.consume_credentials          int
    htable.sht_reset                  int
    htable.sht_rm_name_re             int
    sqlops.sql_query                  int
    sqlops.sql_result_free            int
    statistics.update_stat            int
    setflag                           bool
    resetflag                         bool
    isflagset                         bool
    seturi                            bool
    setuser                           bool
    sethost                           bool
    forward                           int
    add_local_rport                   bool
    set_reply_no_connect              bool
    set_forward_no_connect            bool
    set_reply_close                   bool
    set_forward_close                 bool
    add_tcp_alias_via                 int
    setbflag                          bool
    resetbflag                        bool
    isbflagset                        bool
    setsflag                          bool
    resetsflag                        bool
    issflagset                        bool
    setdsturi                         bool
    resetdsturi                       bool
    isdsturiset                       bool
    kex.setdebug                      int
    kex.resetdebug                    int
    corex.setxflag                    int
    corex.resetxflag                  int
    corex.isxflagset                  int
    corex.has_ruri_user               int
    corex.set_send_socket             int
    corex.has_user_agent              int
    corex.via_add_srvid               int
    corex.is_faked_msg                int
    xlog.xdbg                         int
    xlog.xinfo                        int
    xlog.xnotice                      int
    xlog.xwarn                        int
    xlog.xerr                         int
    xlog.xcrit                        int
    xlog.xalert                       int
    hdr.insert                        int
    textops.remove_hf_idx             int
    textops.remove_hf_re              int
    textops.remove_hf_exp             int
    textops.is_present_hf_re          int
    textops.has_body                  int
    textops.is_privacy                int
    textops.set_body                  int
    textops.starts_with               int
    textops.ends_with                 int
    textops.cmp_str                   int
    textops.cmp_istr                  int
    textops.str_find                  int
    textops.str_ifind                 int
    textops.search_str                int
    textops.in_list                   int
    textops.in_list_prefix            int
    textops.search                    int
    textops.search_body               int
    textops.search_append             int
    textops.search_append_body        int
    textops.replace                   int
    textops.replace_all               int
    textops.replace_body              int
    textops.replace_body_all          int
    textops.subst                     int
    textops.subst_body                int
    textops.subst_hf                  int
    textops.subst_uri                 int
    textops.subst_user                int
    textopsx.msg_apply_changes        int
    textopsx.msg_set_buffer           int
    textopsx.change_reply_status      int
    textopsx.remove_body              int
    textopsx.keep_hf                  int
    textopsx.fnmatch                  int
    siputils.is_request               int
    siputils.is_reply                 int
    siputils.is_first_hop             int
    siputils.is_uri                   int
    siputils.is_numeric               int
    siputils.is_tel_number            int
    siputils.is_alphanum              int
    siputils.cmp_uri                  int
    siputils.cmp_aor                  int
    siputils.uri_param                int
    siputils.uri_param_any            int
    siputils.uri_param_rm             int
    siputils.add_uri_param            int
    tm.t_is_set                       int
    tm.t_lookup_request               int
    tm.t_lookup_cancel                int
    tm.t_send_reply                   int
    tm.t_retransmit_reply             int
    tm.t_any_replied                  int
    tm.t_any_timeout                  int
    tm.t_branch_replied               int
    tm.t_branch_timeout               int
    tm.t_grep_status                  int
    tm.t_get_status_code              int
    tm.t_reset_fr                     int
    tm.t_set_max_lifetime             int
    tm.t_set_auto_inv_100             int
    tm.t_set_disable_6xx              int
    tm.t_save_lumps                   int
    tmx.t_is_request_route            int
    tmx.t_is_branch_route             int
    tmx.t_is_failure_route            int
    tmx.t_is_reply_route              int
    tmx.t_flush_flags                 int
    rr.add_rr_param                   int
    rr.check_route_param              int
    rr.is_direction                   int
    rr.remove_record_route            int
    nathelper.set_contact_alias       int
    nathelper.fix_nated_sdp           int
    nathelper.is_rfc1918              int
"""
RETURNS: dict[str, str] = dict(line.split() for line in KEMI.split("\n") if line.strip())
"""By KEMI name."""
WITHOUT = set(
    """
    avp_printf dlg_keep_ends drop exit force_send_socket is_supported log prefix proxy_challenge pv_printf
    registered_at revert_uri rewritehost rewritehostport rewritehostporttrans rewriteport rewriteuri rewriteuser
    rewriteuserpass sethostport sethostporttrans setport setuserpass sl_reply strempty strip strip_tail
    www_challenge xbug
""".split()
)
"""Commands that KEMI has not: its scripts return, or call another; dlg_keep_ends and registered_at are labsip's own."""
