"""The commands of Kamailio 5.6.3's modules, whether labsip has them or not: how many arguments, in which blocks.

Measured: each was called in each block, with each number of arguments, and with a variable for each of them.
`other_modules` has those that labsip knows by name alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from labsip.dialects.cfg import other_modules

TABLE = """
    kex any: is_myself/1 isbflagset/1-2 isdsturiset/0 issflagset/1 resetbflag/1-2 resetdebug/0 resetdsturi/0
        resetsflag/1 setbflag/1-2 setdebug/1 setdsturi/1 setsflag/1
    kex any constant: avp_printf/2 pv_printf/2
    corex RF: append_branch/0-2 send_tcp/0-1 send_udp/0-1
    corex any: file_write/2 is_faked_msg/0 is_incoming/0 is_socket_name/1 isxflagset/1 msg_iflag_is_set/1
        msg_iflag_reset/1 msg_iflag_set/1 resetxflag/1 send_data/2 sendx/3 set_recv_socket/1
        set_recv_socket_name/1 set_send_socket/1 set_send_socket_name/1 set_source_address/1 setxflag/1
        via_add_srvid/1 via_add_xavp_params/1 via_use_xavp_fields/1
    corex any constant: file_read/2
    corex C: forward_reply/0
    tm RF constant: t_on_branch/1 t_relay/0,2 t_relay_to/0-2 t_relay_to_sctp/0,2 t_relay_to_tcp/0,2
        t_relay_to_tls/0,2 t_relay_to_udp/0,2
    tm RFOB constant: t_on_branch_failure/1 t_on_failure/1 t_on_reply/1
    tm R: t_lookup_cancel/0-1 t_lookup_request/0 t_newtran/0 t_next_contact_flow/0 t_relay_cancel/0 t_release/0
        t_retransmit_reply/0 t_save_lumps/0 t_set_auto_inv_100/1
    tm RFOC constant: t_check_status/1 t_reply/2 t_send_reply/2
    tm R constant: t_forward_nonack/2 t_forward_nonack_sctp/2 t_forward_nonack_tcp/2 t_forward_nonack_tls/2
        t_forward_nonack_udp/2 t_replicate/0-2
    tm RFOB: t_any_replied/0 t_any_timeout/0 t_grep_status/1 t_is_canceled/0 t_is_expired/0 t_reset_fr/0
        t_reset_max_lifetime/0 t_reset_retr/0 t_set_disable_6xx/1 t_set_disable_failover/1
        t_set_disable_internal_reply/1 t_set_fr/1-2 t_set_max_lifetime/2 t_set_no_e2e_cancel_reason/1
        t_set_retr/2
    tm RF: t_branch_replied/0 t_branch_timeout/0 t_load_contacts/0-1 t_next_contacts/0
    tm F: t_drop_replies/0-1
    tm ROCB: t_check_trans/0
    tm any constant: t_is_set/1 t_uac_send/6
    tm any: t_clean/0 t_use_uac_headers/0
    tm O: t_is_retr_async_reply/0
    tm RFOCB: t_get_status_code/0
    tmx OC: t_cancel_branches/1
    tmx any constant: t_cancel_callid/3-4 t_continue/3 t_reply_callid/4
    tmx any: t_drop/0-1 t_flush_flags/0 t_flush_xflags/0 t_is_branch_route/0 t_is_failure_route/0
        t_is_reply_route/0 t_is_request_route/0 t_suspend/0
    tmx R: t_precheck_trans/0 t_reuse_branch/0
    sl R constant: sl_reply/2 sl_send_reply/2
    sl RFOC constant: send_reply/2 send_reply_mode/3
    sl R: sl_reply_error/0
    sl OC: sl_forward_reply/0-2
    rr R: check_route_param/1 loose_route/0 loose_route_mode/1 loose_route_preloaded/0
    rr RF: remove_record_route/0
    rr RFB constant: add_rr_param/1 record_route/0-1 record_route_advertised_address/1 record_route_preset/1-2
    rr R constant: is_direction/1
    rr any: rr_next_hop_route/0
    pv any: is_int/1 not_empty/1 pv_isset/1 pv_unset/1 pv_var_to_xavp/2 pv_xavi_print/0 pv_xavp_print/0
        pv_xavp_to_var/1 pv_xavu_print/0 sbranch_append/0 sbranch_reset/0 sbranch_set_ruri/0 typeof/2
        xavi_child_rm/2 xavi_child_seti/3 xavi_child_sets/3 xavi_rm/1 xavp_child_rm/2 xavp_child_seti/3
        xavp_child_sets/3 xavp_params_explode/2 xavp_params_implode/2 xavp_rm/1 xavp_slist_explode/4
        xavu_params_explode/2 xavu_params_implode/2
    pv any constant: pv_evalx/2 xavp_copy/3-4
    maxfwd R: maxfwd_process/1 mf_process_maxfwd_header/1 process_maxfwd/1
    maxfwd RFB: is_maxfwd_lt/1 maxfwd_at_least/1 mf_lowlimit/1
    registrar RFOC constant: save/1-3
    registrar RF constant: lookup/1-2 lookup_branches/1 lookup_to_dset/1-2 reg_fetch_contacts/3
    registrar any constant: registered/1-4 unregister/2-3
    registrar R: add_sock_hdr/1
    registrar RF: reg_free_contacts/1 reg_send_reply/0
    textops any: append_time_to_request/0 cmp_istr/2 cmp_str/2 ends_with/2 filter_body/1 in_list/3
        in_list_prefix/3 is_audio_on_hold/0 is_present_hf/1 is_present_hf_pv/1 is_present_hf_re/1
        is_present_hf_re_pv/1 remove_hf/1 remove_hf_exp/2 remove_hf_exp_pv/2 remove_hf_idx/2 remove_hf_match/3
        remove_hf_pv/1 remove_hf_re/1 remove_hf_re_pv/1 replace/2 replace_all/2 replace_body/2
        replace_body_all/2 replace_body_atonce/2 replace_body_str/3 replace_hdrs/2 replace_hdrs_str/3
        replace_str/3 search/1 search_append/2 search_append_body/2 search_body/1 search_str/2 starts_with/2
        str_find/2 str_ifind/2
    textops any constant: append_hf/1-2 has_body/0-1 insert_hf/1-2 is_method/1 is_privacy/1 search_hf/3 subst/1
        subst_body/1 subst_hf/3
    textops RFOCB constant: get_body_part/2 get_body_part_raw/2 regex_substring/5 subst_uri/1 subst_user/1
    textops RFOCB: set_body/2
    textops RFB: append_time/0 append_to_reply/1 append_urihf/2 remove_body_part/1 set_reply_body/2
    textops RFB constant: append_body_part/2-3 append_body_part_hex/2-3 set_body_multipart/0-3
    textopsx ROC: msg_apply_changes/0 msg_set_buffer/1
    textopsx OC: change_reply_status/2 change_reply_status_code/1
    textopsx any: bl_iterator_append/2 bl_iterator_end/1 bl_iterator_insert/2 bl_iterator_next/1
        bl_iterator_rm/1 bl_iterator_start/1 hf_iterator_append/2 hf_iterator_end/1 hf_iterator_insert/2
        hf_iterator_next/1 hf_iterator_prev/1 hf_iterator_rm/1 hf_iterator_start/1 keep_hf/0-1 remove_body/0
    textopsx any constant: fnmatch/2-3
    textopsx RFOCB constant: append_hf_value/2 assign_hf_value/2 assign_hf_value2/2 exclude_hf_value/2
        hf_value_exists/2 include_hf_value/2 insert_hf_value/2 remove_hf_value/1 remove_hf_value2/1
    siputils R: add_uri_param/1 decode_contact/0 get_uri_param/2 is_rpid_user_e164/0 is_user/1 options_reply/0
    siputils any: cmp_aor/2 cmp_hdr_name/2 cmp_uri/2 has_totag/0 hdr_date_check/1 is_alphanum/1 is_alphanumex/2
        is_first_hop/0-1 is_gruu/0-1 is_numeric/1 is_reply/0 is_request/0 is_tel_number/1 is_uri/1
        is_uri_user_e164/1 set_uri_host/2 set_uri_user/2 sip_p_charging_vector/1
    siputils RFB: append_rpid_hf/0,2 uri_param/1-2 uri_param_any/1 uri_param_rm/1
    siputils RFOCB constant: tel2sip/3
    siputils RF: is_e164/1
    siputils ROC: contact_param_decode/1 contact_param_encode/2 contact_param_rm/1 encode_contact/2
    siputils RFOC: decode_contact_header/0
    siputils any constant: is_supported/1
    xlog any constant: xalert/1 xbug/1 xcrit/1 xdbg/1 xdbgl/1 xerr/1 xinfo/1 xlog/1-3 xlogl/1-3 xlogm/2
        xnotice/1 xwarn/1
    sanity ROC: sanity_check/0-2 sanity_reply/0
    acc any: acc_db_request/2 acc_log_request/1 acc_request/2
    counters RFOCS constant: cnt_add/2 cnt_inc/1 cnt_reset/1
    jsonrpcs R: jsonrpc_dispatch/0
    jsonrpcs any: jsonrpc_exec/1
    auth R: consume_credentials/0 has_credentials/1
    auth RFOC constant: auth_challenge/2 proxy_challenge/2 www_challenge/2
    auth R constant: auth_get_www_authenticate/3 pv_auth_check/4 pv_proxy_authenticate/3 pv_www_authenticate/3-4
    auth_db R constant: auth_check/3 proxy_authenticate/2 proxy_authorize/2 www_authenticate/2-3 www_authorize/2
    auth_db any constant: is_subscriber/3
    permissions any constant: allow_address/3 allow_routing/0-2
    permissions RF constant: allow_register/1-2 allow_uri/2
    permissions any: allow_address_group/2 allow_source_address/0-1 allow_source_address_group/0
        allow_trusted/0,2,3
    nathelper ROCB: fix_nated_contact/0 set_contact_alias/0-1
    nathelper RFOCB constant: fix_nated_sdp/1-2
    nathelper R: add_rcv_param/0-1 fix_nated_register/0
    nathelper RFOCB: nat_uac_test/1
    nathelper any: is_rfc1918/1 set_alias_to_pv/1
    nathelper ROCB constant: add_contact_alias/0,3
    nathelper RB: handle_ruri_alias/0-1
    rtpproxy any constant: rtpproxy_stream2uac/2 rtpproxy_stream2uas/2 set_rtp_proxy_set/1
    rtpproxy any: rtpproxy_answer/0-2 rtpproxy_destroy/0-1 rtpproxy_manage/0-2 rtpproxy_offer/0-2
        rtpproxy_stop_stream2uac/0 rtpproxy_stop_stream2uas/0 start_recording/0 unforce_rtp_proxy/0-1
    rtpengine any constant: set_rtpengine_set/1-2
    rtpengine any: block_dtmf/0-1 block_media/0-1 play_dtmf/1 play_media/1 rtpengine_answer/0-1
        rtpengine_delete/0-1 rtpengine_info/0-1 rtpengine_manage/0-1 rtpengine_offer/0-1 rtpengine_query/0-1
        rtpengine_query_v/2 silence_media/0-1 start_forwarding/0-1 start_recording/0-1 stop_forwarding/0-1
        stop_media/0-1 stop_recording/0-1 unblock_dtmf/0-1 unblock_media/0-1 unsilence_media/0-1
    htable any: sht_iterator_end/1 sht_iterator_next/1 sht_iterator_rm/1 sht_iterator_setex/2
        sht_iterator_seti/2 sht_iterator_sets/2 sht_iterator_start/2 sht_print/0 sht_reset/1 sht_rm/2
        sht_setxi/4 sht_setxs/4
    htable any constant: sht_has_name/3 sht_has_str_value/3 sht_lock/1 sht_match_name/3 sht_match_str_value/3
        sht_rm_name/3 sht_rm_name_re/1 sht_rm_value/3 sht_rm_value_re/1 sht_unlock/1
    pike ROC: pike_check_ip/1 pike_check_req/0
    alias_db RF constant: alias_db_lookup/1-2
    alias_db RFOCB constant: alias_db_find/3-4
    speeddial R: sd_lookup/1-2
    domain RFB: is_domain_local/1 is_from_local/0 is_uri_host_local/0 lookup_domain/1-2
    xhttp R constant: xhttp_reply/4
    debugger any constant: dbg_breakpoint/1 dbg_pv_dump/0-2
    debugger ROC constant: dbg_sip_msg/0-2
    dialog any constant: dlg_bridge/3 dlg_bye/1 dlg_get/3 dlg_refer/2 dlg_remote_profile/5 dlg_set_timeout/1,3
        dlg_set_timeout_by_profile/2-3 get_profile_size/2-3 is_in_profile/1-2 set_dlg_profile/1-2
    dialog RFOCB constant: unset_dlg_profile/1-2
    dialog any: dlg_db_load_callid/1 dlg_db_load_extra/0 dlg_isflagset/1 dlg_reset_property/1 dlg_resetflag/1
        dlg_set_property/1 dlg_set_ruri/0 dlg_setflag/1 is_known_dlg/0
    dialog R: dlg_manage/0
    dispatcher RF constant: ds_select_domain/2-3 ds_select_dst/2-3 ds_select_routes/2-3
    dispatcher any constant: ds_list_exists/1 ds_select/2-3
    dispatcher RF: ds_next_domain/0 ds_next_dst/0 ds_set_domain/0 ds_set_dst/0
    dispatcher RFOC constant: ds_mark_dst/0-1
    dispatcher RFOCB constant: ds_is_from_list/0-3
    dispatcher any: ds_is_active/1-2 ds_load_unset/0 ds_load_update/0 ds_reload/0
    sqlops any constant: sql_pvquery/3 sql_query/2-3 sql_query_async/2 sql_result_free/1 sql_xquery/3
    statistics any constant: update_stat/2
    statistics RFOCB constant: reset_stat/1
    uac RB: uac_replace_from/1-2 uac_replace_to/1-2
    uac R: uac_restore_from/0 uac_restore_to/0
    uac F: uac_auth/0-1 uac_auth_mode/1
    uac any: uac_reg_disable/2 uac_reg_enable/2 uac_reg_lookup/2 uac_reg_lookup_uri/2 uac_reg_refresh/1
        uac_reg_status/1 uac_req_send/0
    uac RFB: uac_reg_request_to/2
    path R: add_path/0-2 add_path_received/0-2
    cfgutils any: abort/0 check_route_exists/1 lock/1 pkg_status/0 pkg_summary/0 rand_event/0 rand_get_prob/0
        rand_reset_prob/0 route_if_exists/1 shm_status/0 shm_summary/0 sleep/1 trylock/1 unlock/1 usleep/1
    cfgutils any constant: core_hash/3 is_gflag/1 rand_set_prob/1 reset_gflag/1 set_gflag/1
    ipops any: compare_ips/2 compare_pure_ips/2 detailed_ip_type/2 detailed_ipv4_type/2 detailed_ipv6_type/2
        dns_int_match_ip/2 dns_query/2 dns_set_local_ttl/1 dns_sys_match_ip/2 ip_type/1 is_in_subnet/2 is_ip/1
        is_ip_rfc1918/1 is_ipv4/1 is_ipv6/1 is_ipv6_reference/1 is_pure_ip/1 naptr_query/2 srv_query/2
    sdpops any: sdp_content/0-1 sdp_get/1 sdp_get_address_family/0 sdp_keep_codecs_by_id/1-2
        sdp_keep_codecs_by_name/1-2 sdp_print/1 sdp_remove_codecs_by_id/1-2 sdp_remove_codecs_by_name/1-2
        sdp_remove_line_by_prefix/1-2 sdp_remove_media/1 sdp_remove_transport/1 sdp_transport/1
        sdp_with_active_media/1 sdp_with_codecs_by_id/1 sdp_with_codecs_by_name/1 sdp_with_ice/0
        sdp_with_media/1 sdp_with_transport/1 sdp_with_transport_like/1
    sdpops any constant: sdp_get_line_startswith/2
    avpops RFOCB constant: avp_check/2 avp_copy/2 avp_db_delete/2 avp_db_load/2 avp_db_query/1-2 avp_db_store/2
        avp_delete/1 avp_op/2 avp_pushto/2 avp_subst/2 is_avp_set/1
    avpops RFOCB: avp_print/0 avp_subst_pv/2
    uri_db R: check_from/0 check_to/0 does_uri_exist/0
    uri_db R constant: check_uri/1,3
    tcpops any: tcp_close_connection/0-1 tcp_conid_alive/1 tcp_conid_state/1 tcp_get_conid/2 tcp_set_otcpid/1
        tcp_set_otcpid_flag/1
    tcpops ROC: tcp_enable_closed_event/0-1 tcp_keepalive_disable/0-1 tcp_keepalive_enable/3-4
        tcp_set_connection_lifetime/1-2
    async RF constant: async_ms_route/2 async_ms_sleep/1 async_route/2 async_sleep/1 async_task_group_route/2
        async_task_route/1
    async any constant: async_task_data/2 async_task_group_data/3
    mqueue any constant: mq_add/3
    mqueue any: mq_fetch/1 mq_pv_free/1 mq_size/1
    dialplan any: dp_match/2 dp_reload/0 dp_replace/3
    dialplan any constant: dp_translate/1-2
"""
"""A module, the blocks its commands may stand in, and the commands with their numbers of arguments.

R request_route, route and event_route · F failure_route · O onreply_route[NAME] · C onreply_route and reply_route, for
all replies · B branch_route · S onsend_route. constant: a variable as an argument stands in quotes.
"""
BLOCKS = {
    "R": ("request_route", "route", "event_route"),
    "F": ("failure_route",),
    "O": ("onreply_route",),
    "C": ("reply_route",),
    "B": ("branch_route",),
    "S": ("onsend_route",),
}
ALL = "RFOCBS"


class CatalogueRow(NamedTuple):
    """One command."""

    module: str
    counts: frozenset[int]
    """Of arguments."""
    blocks: frozenset[str]
    """Their words; `reply_route` stands for an onreply_route without a name, too."""
    constant: bool


def _lines(table: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words before and behind the colon of each row."""
    for row in re.sub(r"\n {8}", " ", table).strip().splitlines():
        head, _, names = row.partition(": ")
        yield head.split(), names.split()


def _rows(table: str) -> Iterator[tuple[str, CatalogueRow]]:
    for (module, letters, *constant), names in _lines(table):
        blocks = frozenset(block for letter in (ALL if letters == "any" else letters) for block in BLOCKS[letter])
        for name in names:
            command, _, numbers = name.partition("/")
            yield command, CatalogueRow(module, _counts(numbers), blocks, bool(constant))


def _counts(numbers: str) -> frozenset[int]:
    """`2`, `0-2`, `0,2`."""
    counts: set[int] = set()
    for part in numbers.split(","):
        first, _, last = part.partition("-")
        counts.update(range(int(first), int(last or first) + 1))
    return frozenset(counts)


def _owners(rows: list[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """The modules that have a name."""
    found: dict[str, set[str]] = {}
    for name, module in rows:
        found.setdefault(name, set()).add(module)
    return {name: frozenset(modules) for name, modules in found.items()}


_ROWS = [*_rows(TABLE), *_rows(other_modules.COMMANDS)]
CATALOGUE = dict(reversed(_ROWS))
"""Each command; of a name that several modules have, the one that labsip has or the first."""
OWNERS = _owners([(name, row.module) for name, row in _ROWS])
"""The modules that have a command."""
VARIABLES = _owners([(name, module) for (module,), names in _lines(other_modules.VARIABLES) for name in names])
"""The modules that have a variable which labsip has not, or has in another."""
SURVEYED = frozenset(row.module for _, row in _ROWS) | frozenset(other_modules.SILENT.split())
"""Modules all of whose commands and variables are known by name."""
