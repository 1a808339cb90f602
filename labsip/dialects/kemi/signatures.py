"""What KEMI calls each function, and the arguments it takes: the list of Kamailio 5.6.3.

Source: `kamcmd app_python.api_list`. A function takes exactly these arguments; with more or fewer it has another name.
labsip has a part of what is listed. The rest is here so that a script which calls it can be told.
"""

from __future__ import annotations

import re

LISTED = {
    "": """
        add_local_rport() add_tcp_alias(i) add_tcp_alias_via() crit(s) dbg(s) err(s) force_rport() forward()
        forward_uri(s) get_debug() info(s) is_ACK() is_BYE() is_CANCEL() is_DELETE() is_GET() is_INFO() is_INVITE()
        is_IPv4() is_IPv6() is_KDMQ() is_MESSAGE() is_NOTIFY() is_OPTIONS() is_POST() is_PRACK() is_PUBLISH() is_PUT()
        is_REFER() is_REGISTER() is_SCTP() is_SUBSCRIBE() is_TCP() is_TLS() is_UDP() is_UPDATE() is_WS() is_WSS()
        is_WSX() is_dst_port(i) is_method(s) is_method_in(s) is_myself(s) is_myself_duri() is_myself_furi()
        is_myself_nhuri() is_myself_ruri() is_myself_srcip() is_myself_suri() is_myself_turi() is_proto(s)
        is_src_port(i) isbflagset(i) isbiflagset(ii) isdsturiset() isflagset(i) issflagset(i) log(ss) notice(s)
        resetbflag(i) resetbiflag(ii) resetdsturi() resetflag(i) resetsflag(i) route(s) set_advertised_address(s)
        set_advertised_port(s) set_drop() set_forward_close() set_forward_no_connect() set_reply_close()
        set_reply_no_connect() setbflag(i) setbiflag(ii) setdsturi(s) setflag(i) sethost(s) setsflag(i) seturi(s)
        setuser(s) to_IPv4() to_IPv6() to_SCTP() to_TCP() to_TLS() to_UDP() to_WS() to_WSS() to_WSX() warn(s)
    """,
    "acc": """
        acc_db_request(ss) acc_log_request(s) acc_request(ss)
    """,
    "alias_db": """
        lookup(s) lookup_ex(ss)
    """,
    "auth": """
        auth_challenge(si) consume_credentials() has_credentials(s) pv_auth_check(ssii)
    """,
    "auth_db": """
        auth_check(ssi) is_subscriber(ssi)
    """,
    "corex": """
        append_branch() append_branch_uri(s) append_branch_uri_q(ss) file_read(s) file_write(ss) has_ruri_user()
        has_user_agent() is_faked_msg() is_socket_name(s) isxflagset(i) resetxflag(i) send_data(ss) sendx(sss)
        set_recv_socket(s) set_recv_socket_name(s) set_send_socket(s) set_send_socket_name(s) set_source_address(s)
        setxflag(i) via_add_srvid(i) via_add_xavp_params(i) via_use_xavp_fields(i)
    """,
    "counters": """
        add(si) inc(s) reset(s)
    """,
    "dialog": """
        dlg_bridge(sss) dlg_bye(s) dlg_db_load_callid(s) dlg_db_load_extra() dlg_get(sss) dlg_isflagset(i)
        dlg_manage() dlg_reset_property(s) dlg_resetflag(i) dlg_set_property(s) dlg_set_timeout(i)
        dlg_set_timeout_id(iii) dlg_setflag(i) get_profile_size(sss) get_profile_size_static(ss) is_in_profile(ss)
        is_in_profile_static(s) is_known_dlg() set_dlg_profile(ss) set_dlg_profile_static(s) unset_dlg_profile(ss)
        unset_dlg_profile_static(s) var_get(s) var_gete(s) var_getw(s) var_is_null(s) var_rm(s) var_sets(ss)
    """,
    "dispatcher": """
        ds_is_active(i) ds_is_active_uri(is) ds_is_from_list(i) ds_is_from_list_mode(ii) ds_is_from_list_uri(iis)
        ds_is_from_lists() ds_list_exists(i) ds_load_unset() ds_load_update() ds_mark_dst() ds_mark_dst_state(s)
        ds_next_domain() ds_next_dst() ds_reload() ds_select(ii) ds_select_domain(ii) ds_select_domain_limit(iii)
        ds_select_dst(ii) ds_select_dst_limit(iii) ds_select_limit(iii) ds_select_routes(ss)
        ds_select_routes_limit(ssi) ds_set_domain() ds_set_dst()
    """,
    "hdr": """
        append(s) append_after(ss) append_to_reply(s) get(s) get_idx(si) gete(s) gete_idx(si) getw(s) getw_idx(si)
        insert(s) insert_before(ss) is_present(s) match_content(ssss) remove(s) rmappend(ss) rminsert(ss)
    """,
    "htable": """
        sht_dec(ss) sht_get(ss) sht_gete(ss) sht_getw(ss) sht_inc(ss) sht_is_null(ss) sht_iterator_end(s)
        sht_iterator_next(s) sht_iterator_rm(s) sht_iterator_setex(si) sht_iterator_seti(si) sht_iterator_sets(ss)
        sht_iterator_start(ss) sht_lock(ss) sht_match_name(sss) sht_match_str_value(sss) sht_reset(s) sht_rm(ss)
        sht_rm_name(sss) sht_rm_name_re(ss) sht_rm_value(sss) sht_rm_value_re(ss) sht_setex(ssi) sht_seti(ssi)
        sht_sets(sss) sht_setxi(ssii) sht_setxs(sssi) sht_unlock(ss)
    """,
    "kex": """
        resetdebug() setdebug(i)
    """,
    "kx": """
        get_au() get_body() get_bodylen() get_callid() get_conid() get_cturi() get_def(s) get_defn(s) get_duri()
        get_env(s) get_envn(s) get_fhost() get_furi() get_fuser() get_method() get_msgbuf() get_msglen() get_msgtype()
        get_nhuri() get_ouri() get_proto() get_protoid() get_rcv_sock_name() get_rcvaddr_sock() get_rcvadvip()
        get_rcvadvport() get_rcvip() get_rcvport() get_rhost() get_ruri() get_ruser() get_send_sock()
        get_send_sock_name() get_send_sock_port() get_srcaddr_sock() get_srcip() get_srcport() get_srcuri()
        get_status() get_thost() get_timestamp() get_turi() get_tuser() get_ua() gete_au() gete_body() gete_cturi()
        gete_duri() gete_fhost() gete_fuser() gete_rhost() gete_ruser() gete_thost() gete_tuser() gete_ua()
        gets_status() getw_au() getw_body() getw_cturi() getw_duri() getw_fhost() getw_fuser() getw_rhost()
        getw_ruser() getw_thost() getw_tuser() getw_ua() ifdef(s) ifndef(s)
    """,
    "maxfwd": """
        is_maxfwd_lt(i) process_maxfwd(i)
    """,
    "nathelper": """
        add_contact_alias() add_contact_alias_addr(sss) add_rcv_param(i) fix_nated_contact() fix_nated_register()
        fix_nated_sdp(i) fix_nated_sdp_ip(is) handle_ruri_alias() handle_ruri_alias_mode(i) is_rfc1918(s)
        nat_uac_test(i) set_alias_to_pv(s) set_contact_alias() set_contact_alias_trim()
    """,
    "permissions": """
        allow_address(isi) allow_address_group(si) allow_source_address(i) allow_source_address_group()
        allow_trusted()
    """,
    "pike": """
        pike_check_ip(s) pike_check_req()
    """,
    "pv": """
        get(s) gete(s) geti(s) getvn(si) getvs(ss) getw(s) is_null(s) seti(si) sets(ss) unset(s)
    """,
    "pvx": """
        avp_get(s) avp_gete(s) avp_getw(s) avp_is_null(s) avp_rm(s) avp_seti(si) avp_sets(ss) evalx(ss)
        pv_var_to_xavp(ss) pv_xavi_print() pv_xavp_print() pv_xavp_to_var(s) pv_xavu_print() sbranch_append()
        sbranch_reset() sbranch_set_ruri() shv_get(s) shv_seti(si) shv_sets(ss) var_get(s) var_seti(si) var_sets(ss)
        xavi_child_get(ss) xavi_child_gete(ss) xavi_child_getw(ss) xavi_child_is_null(ss) xavi_child_rm(ss)
        xavi_child_seti(ssi) xavi_child_sets(sss) xavi_get(s) xavi_get_keys(si) xavi_getd(s) xavi_getd_p1(si)
        xavi_gete(s) xavi_getw(s) xavi_is_null(s) xavi_rm(s) xavi_seti(si) xavi_sets(ss) xavp_child_get(ss)
        xavp_child_gete(ss) xavp_child_getw(ss) xavp_child_is_null(ss) xavp_child_rm(ss) xavp_child_seti(ssi)
        xavp_child_sets(sss) xavp_copy(sis) xavp_copy_dst(sisi) xavp_get(s) xavp_get_keys(si) xavp_getd(s)
        xavp_getd_p1(si) xavp_gete(s) xavp_getw(s) xavp_is_null(s) xavp_params_explode(ss) xavp_params_implode(ss)
        xavp_rm(s) xavp_seti(si) xavp_sets(ss) xavp_slist_explode(ssss) xavu_child_get(ss) xavu_child_gete(ss)
        xavu_child_getw(ss) xavu_child_is_null(ss) xavu_child_rm(ss) xavu_child_seti(ssi) xavu_child_sets(sss)
        xavu_get(s) xavu_gete(s) xavu_getw(s) xavu_is_null(s) xavu_params_explode(ss) xavu_params_implode(ss)
        xavu_rm(s) xavu_seti(si) xavu_sets(ss)
    """,
    "registrar": """
        add_sock_hdr(s) lookup(s) lookup_branches(s) lookup_to_dset(ss) lookup_uri(ss) reg_fetch_contacts(sss)
        reg_free_contacts(s) reg_send_reply() registered(s) registered_action(ssii) registered_flags(ssi)
        registered_uri(ss) save(si) save_uri(sis) set_q_override(s) unregister(ss) unregister_ruid(sss)
    """,
    "rr": """
        add_rr_param(s) check_route_param(s) is_direction(s) loose_route() loose_route_mode(i) loose_route_preloaded()
        next_hop_route() record_route() record_route_advertised_address(s) record_route_params(s)
        record_route_preset(ss) record_route_preset_one(s) remove_record_route()
    """,
    "rtpproxy": """
        rtpproxy_answer(s) rtpproxy_answer0() rtpproxy_answer_ip(ss) rtpproxy_destroy(s) rtpproxy_destroy0()
        rtpproxy_manage(s) rtpproxy_manage0() rtpproxy_manage_ip(ss) rtpproxy_offer(s) rtpproxy_offer0()
        rtpproxy_offer_ip(ss) rtpproxy_stop_stream2uac() rtpproxy_stop_stream2uas() rtpproxy_stream2uac(si)
        rtpproxy_stream2uas(si) set_rtpproxy_set(i) start_recording()
    """,
    "sanity": """
        sanity_check(ii) sanity_check_defaults() sanity_reply()
    """,
    "siputils": """
        add_uri_param(s) cmp_aor(ss) cmp_hdr_name(ss) cmp_uri(ss) contact_param_decode(s) contact_param_decode_ruri(s)
        contact_param_encode(ss) contact_param_rm(s) decode_contact() decode_contact_header() encode_contact(ss)
        has_totag() hdr_date_check(i) is_alphanum(s) is_alphanumex(ss) is_first_hop() is_first_hop_mode(i) is_gruu()
        is_numeric(s) is_reply() is_request() is_tel_number(s) is_uri(s) is_user(s) options_reply() uri_param(s)
        uri_param_any(s) uri_param_rm(s) uri_param_value(ss)
    """,
    "sl": """
        send_reply(is) send_reply_mode(isi) sl_forward_reply(ss) sl_reply_error() sl_send_reply(is)
    """,
    "speeddial": """
        lookup(s) lookup_owner(ss)
    """,
    "sqlops": """
        sql_is_null(sii) sql_num_columns(s) sql_num_rows(s) sql_pvquery(sss) sql_query(sss) sql_query_async(ss)
        sql_result_free(s) sql_result_get(sii) sql_result_gete(sii) sql_result_getz(sii) sql_xquery(sss)
    """,
    "statistics": """
        reset_stat(s) update_stat(si)
    """,
    "textops": """
        append_body_part(ss) append_body_part_cd(sss) append_body_part_hex(ss) append_body_part_hex_cd(sss)
        cmp_istr(ss) cmp_str(ss) ends_with(ss) filter_body(s) get_body_part(ss) get_body_part_raw(ss) has_body()
        has_body_type(s) in_list(sss) in_list_prefix(sss) is_audio_on_hold() is_present_hf(s) is_present_hf_re(s)
        is_privacy(s) regex_substring(ssiis) remove_body_part(s) remove_hf(s) remove_hf_exp(ss) remove_hf_idx(si)
        remove_hf_match(sss) remove_hf_re(s) replace(ss) replace_all(ss) replace_body(ss) replace_body_all(ss)
        replace_body_atonce(ss) replace_body_str(sss) replace_hdrs(ss) replace_hdrs_str(sss) replace_str(sss)
        search(s) search_append(ss) search_append_body(ss) search_body(s) search_hf(sss) search_str(ss) set_body(ss)
        set_body_multipart(sss) set_body_multipart_boundary(s) set_body_multipart_content(ss)
        set_body_multipart_mode() set_reply_body(ss) starts_with(ss) str_find(ss) str_ifind(ss) subst(s) subst_body(s)
        subst_hf(sss) subst_uri(s) subst_user(s)
    """,
    "textopsx": """
        append_hf_value(ss) assign_hf_value(ss) assign_hf_value2(ss) bl_iterator_append(ss) bl_iterator_end(s)
        bl_iterator_insert(ss) bl_iterator_next(s) bl_iterator_rm(s) bl_iterator_start(s) bl_iterator_value(s)
        change_reply_status(is) change_reply_status_code(i) exclude_hf_value(ss) fnmatch(ss) fnmatch_ex(sss)
        hf_iterator_append(ss) hf_iterator_end(s) hf_iterator_hbody(s) hf_iterator_hname(s) hf_iterator_insert(ss)
        hf_iterator_next(s) hf_iterator_prev(s) hf_iterator_rm(s) hf_iterator_start(s) hf_value_exists(ss)
        include_hf_value(ss) insert_hf_value(ss) keep_hf() keep_hf_re(s) msg_apply_changes() msg_set_buffer(s)
        remove_body() remove_hf_value(s) remove_hf_value2(ss)
    """,
    "tm": """
        ki_t_load_contacts_mode(i) t_any_replied() t_any_timeout() t_branch_replied() t_branch_timeout()
        t_check_status(s) t_check_trans() t_clean() t_drop_replies(s) t_drop_replies_all() t_get_branch_index()
        t_get_status_code() t_grep_status(i) t_is_canceled() t_is_expired() t_is_retr_async_reply() t_is_set(s)
        t_load_contacts() t_lookup_cancel() t_lookup_cancel_flags(i) t_lookup_request() t_newtran()
        t_next_contact_flow() t_next_contacts() t_on_branch(s) t_on_branch_failure(s) t_on_failure(s) t_on_reply(s)
        t_relay() t_relay_to_flags(i) t_relay_to_proto(s) t_relay_to_proto_addr(ssi) t_relay_to_proxy(s)
        t_relay_to_proxy_flags(si) t_release() t_replicate(s) t_reply(is) t_reset_fr() t_reset_max_lifetime()
        t_reset_retr() t_retransmit_reply() t_save_lumps() t_send_reply(is) t_set_auto_inv_100(i) t_set_disable_6xx(i)
        t_set_disable_failover(i) t_set_disable_internal_reply(i) t_set_fr(ii) t_set_fr_inv(i) t_set_max_lifetime(ii)
        t_set_no_e2e_cancel_reason(i) t_set_retr(ii) t_uac_send(ssssss) t_use_uac_headers()
    """,
    "tmx": """
        t_cancel_branches(s) t_cancel_callid(ssi) t_cancel_callid_reason(ssii) t_continue(iis) t_drop()
        t_drop_rcode(i) t_flush_flags() t_flush_xflags() t_is_branch_route() t_is_failure_route() t_is_reply_route()
        t_is_request_route() t_precheck_trans() t_reply_callid(ssis) t_reuse_branch() t_suspend()
    """,
    "xlog": """
        xalert(s) xcrit(s) xdbg(s) xerr(s) xinfo(s) xlog(ss) xnotice(s) xwarn(s)
    """,
}
"""By module, "" for KSR's own: `name(arguments)`, an s for a text, an i for a number."""
_FUNCTION = re.compile(r"(\w+)\(([si]*)\)")
SIGNATURES: dict[str, str] = {
    f"{module}.{name}".lstrip("."): types for module, text in LISTED.items() for name, types in _FUNCTION.findall(text)
}
"""The types of the arguments by KEMI name, as in `tm.t_reply`: `is`."""
