"""The parameters that `modparam` can set, and their types: what Kamailio 5.6.3's own modules have.

Those that change something in a lab are in `effects`; the others are taken, and told of once.
"""

from __future__ import annotations

import re

TABLE = """
    acc int: early_media failed_transaction_flag report_ack report_cancels detect_direction acc_prepare_flag
        acc_prepare_always reason_from_hf acc_extra_nullable log_flag log_missed_flag log_level cdr_enable
        cdr_log_enable cdr_start_on_confirmed cdr_extra_nullable cdr_expired_dlg_enable db_flag db_missed_flag
        db_insert_mode time_mode clone_msg cdr_on_failed acc_extra_size cdr_extra_size
    acc text: failed_filter multi_leg_info log_facility log_extra cdr_skip cdr_facility cdr_extra cdr_start_id
        cdr_end_id cdr_duration_id db_extra db_url db_table_acc db_table_missed_calls acc_method_column
        acc_from_tag_column acc_to_tag_column acc_callid_column acc_sip_code_column acc_sip_reason_column
        acc_time_column time_attr time_exten cdrs_table time_format
    alias_db int: use_domain append_branches
    alias_db text: db_url user_column domain_column alias_user_column alias_domain_column domain_prefix
    auth int: nonce_expire nonce_auth_max_drift protect_contacts auth_checks_register auth_checks_no_dlg
        auth_checks_in_dlg nonce_count nc_array_size nc_array_order one_time_nonce otn_in_flight_no
        otn_in_flight_order nid_pool_no force_stateless_reply use_domain add_authinfo_hdr
    auth text: secret challenge_attr proxy_challenge_header www_challenge_header qop realm_prefix algorithm
    auth_db int: calculate_ha1 use_domain version_table force_generate_avps
    auth_db text: db_url user_column domain_column password_column password_column_2 load_credentials
    cfgutils int: initial_probability initial_gflags lock_set_size
    cfgutils text: hash_file
    corex int: nio_intercept nio_min_msg_len
    corex text: alias_subdomains dns_cache nio_msg_avp evcb_reply_out
    counters text: script_cnt_grp_name script_counter
    ctl int: mode autoconversion binrpc_max_body_size binrpc_struct_max_body_size binrpc_buffer_size
    ctl text: fifo binrpc user group
    debugger int: cfgtrace cfgtrace_format breakpoint log_level log_assign step_usleep step_loops mod_hash_size
        mod_level_mode mod_facility_mode reset_msgid cfgpkgcheck cfgtest
    debugger text: log_facility log_prefix log_level_name mod_level mod_facility
    dialog int: enable_stats hash_size dlg_flag default_timeout dlg_match_mode detect_spirals db_mode
        db_update_period db_fetch_rows initial_cbs_inscript send_bye wait_ack ka_timer ka_interval timeout_noreset
        timer_procs track_cseq_updates db_skip_load ka_failed_limit enable_dmq early_timeout noack_timeout
        end_timeout h_id_start h_id_step keep_proxy_rr dlg_filter_mode
    dialog text: rr_param timeout_avp dlg_extra_hdrs db_url table_name call_id_column from_uri_column
        from_tag_column to_uri_column to_tag_column h_id_column h_entry_column state_column start_time_column
        timeout_column to_cseq_column from_cseq_column to_route_column from_route_column to_contact_column
        from_contact_column to_sock_column from_sock_column sflags_column toroute_name_column vars_table_name
        vars_h_id_column vars_h_entry_column vars_key_column vars_value_column profiles_with_value
        profiles_no_value bridge_controller bridge_contact ruri_pvar xavp_cfg lreq_callee_headers event_callback
    dispatcher int: force_dst flags use_default xavp_dst_mode xavp_ctx_mode ds_probing_threshold
        ds_inactive_threshold ds_ping_interval ds_ping_latency_stats ds_latency_estimator_alpha ds_probing_mode
        ds_hash_size ds_hash_expire ds_hash_initexpire ds_hash_check_interval ds_timer_mode ds_attrs_none
        ds_load_mode reload_delta ds_dns_mode ds_dns_interval ds_dns_ttl
    dispatcher text: list_file db_url table_name setid_col destination_col flags_col priority_col attrs_col
        xavp_dst xavp_ctx hash_pvar setid_pvname attrs_pvname ds_ping_method ds_ping_from ds_ping_reply_codes
        outbound_proxy ds_default_socket ds_default_sockname event_callback ds_db_extra_attrs
    domain int: register_myself
    domain text: db_url domain_table domain_attrs_table did_col domain_col name_col type_col value_col
    htable int: fetch_rows timer_interval db_expires enable_dmq dmq_init_sync timer_procs event_callback_mode
    htable text: htable db_url key_name_column key_type_column value_type_column key_value_column expires_column
        array_size_suffix event_callback
    jsonrpcs int: pretty_format transport fifo_mode fifo_group fifo_user dgram_workers dgram_timeout dgram_mode
        dgram_group dgram_user
    jsonrpcs text: fifo_name fifo_group fifo_user fifo_reply_dir dgram_socket dgram_group dgram_user
    maxfwd int: max_limit
    nathelper int: natping_interval ping_nated_only sipping_bflag natping_disable_bflag natping_processes
        keepalive_timeout udpping_from_path append_sdp_oldmediaip filter_server_id nat_addr_mode
    nathelper text: nortpproxy_str received_avp force_socket sipping_from sipping_method natping_socket alias_name
    path int: use_received received_format enable_r2 sockname_mode
    path text: received_name
    permissions int: check_all_branches db_mode peer_tag_mode max_subnets load_backends reload_delta
        trusted_cleanup_interval
    permissions text: default_allow_file default_deny_file allow_suffix deny_suffix db_url trusted_table
        source_col proto_col from_col ruri_col tag_col priority_col peer_tag_avp address_table address_file
        grp_col ip_addr_col mask_col port_col
    pike int: sampling_time_unit reqs_density_per_unit remove_latency pike_log_level
    pv text: shvset varset avp_aliases
    registrar int: default_expires default_expires_range expires_range default_q append_branches case_sensitive
        min_expires max_expires max_contacts retry_after sock_mode sock_flag method_filtering use_path path_mode
        path_use_received path_check_local xavp_rcd_mask gruu_enabled outbound_mode regid_mode flow_timer
        contact_max_size lookup_filter_mode min_expires_mode use_expired_contacts
    registrar text: realm_prefix received_param received_avp sock_hdr_name xavp_cfg xavp_rcd event_callback
    rr int: append_fromtag enable_double_rr enable_full_lr add_username enable_socket_mismatch_warning
        force_send_socket ignore_sips sockname_mode
    rr text: custom_user_avp
    rtpengine int: rtpengine_disable_tout aggressive_redetection rtpengine_retr queried_nodes_limit
        rtpengine_tout_ms rtpengine_allow_op control_cmd_tos hash_table_tout hash_table_size setid_default
        hash_algo
    rtpengine text: rtpengine_sock db_url table_name setid_col url_col weight_col disabled_col extra_id_pv
        setid_avp force_send_interface rtp_inst_pvar write_sdp_pv read_sdp_pv media_duration wsapi
    rtpproxy int: rtpproxy_disable_tout rtpproxy_retr rtpproxy_tout
    rtpproxy text: nortpproxy_str rtpproxy_sock timeout_socket ice_candidate_priority_avp extra_id_pv db_url
        table_name rtp_inst_pvar
    sanity int: default_checks uri_checks autodrop noreply
    sanity text: proxy_require
    siputils text: options_accept options_accept_encoding options_accept_language options_support
        contact_flds_separator rpid_prefix rpid_suffix rpid_avp
    sl int: default_code bind_tm rich_redirect
    sl text: default_reason event_callback_fl_ack event_callback_lres_sent
    speeddial int: use_domain
    speeddial text: db_url user_column domain_column sd_user_column sd_domain_column new_uri_column domain_prefix
    sqlops int: tr_buf_size connect_mode results_maxsize
    sqlops text: sqlcon sqlres
    tm int: ruri_matching via1_matching callid_matching callid_cseq_matching fr_timer fr_inv_timer wt_timer
        retr_timer1 retr_timer2 max_inv_lifetime max_noninv_lifetime noisy_ctimer auto_inv_100 unix_tx_timeout
        restart_fr_on_each_reply pass_provisional_replies aggregate_challenges unmatched_cancel default_code
        reparse_invite blst_503 blst_503_def_timeout blst_503_min_timeout blst_503_max_timeout blst_methods_add
        blst_methods_lookup cancel_b_method reparse_on_dns_failover disable_6xx_block local_ack_mode
        failure_reply_mode faked_reply_prio remap_503_500 failure_exec_mode dns_reuse_rcv_socket
        local_cancel_reason e2e_cancel_reason relay_100 rich_redirect exec_time_check reply_relay_mode
        enable_uac_fr
    tm text: auto_inv_100_reason fr_timer_avp fr_inv_timer_avp tw_append default_reason ac_extra_hdrs on_sl_reply
        contacts_avp contact_flows_avp xavp_contact event_callback event_callback_lres_sent
    tmx int: precheck_trans
    uac int: restore_dlg reg_timer_interval reg_retry_interval reg_keep_callid reg_random_delay reg_active
        reg_gc_interval reg_hash_size reg_use_domain
    uac text: rr_from_store_param rr_to_store_param restore_mode restore_passwd restore_from_avp restore_to_avp
        credential auth_username_avp auth_realm_avp auth_password_avp reg_db_url reg_db_table reg_contact_addr
        default_socket event_callback
    usrloc int: timer_interval db_mode db_load db_insert_update use_domain desc_time_order matching_mode
        cseq_delay fetch_rows hash_size nat_bflag handle_lost_tcp close_expired_tcp skip_remote_socket
        db_update_as_insert timer_procs db_check_update db_ops_ruid expires_type db_raw_fetch_type db_insert_null
        server_id_filter db_timer_clean rm_expired_delay version_table ka_mode ka_filter ka_timeout ka_loglevel
        load_rank db_clean_tcp
    usrloc text: ruid_column user_column domain_column contact_column expires_column q_column callid_column
        cseq_column flags_column cflags_column db_url user_agent_column received_column path_column socket_column
        methods_column instance_column reg_id_column server_id_column connection_id_column keepalive_column
        partition_column preload xavp_contact ka_from ka_domain ka_method ka_logmsg
    xhttp text: url_match url_skip event_callback
    xlog int: buf_size force_color long_format methods_filter prefix_mode
    xlog text: prefix log_facility log_colors
    db_mysql int: ping_interval timeout_interval auto_reconnect insert_delayed update_affected_found unsigned_type
    db_sqlite text: db_set_readonly db_set_journal_mode
    tls int: tls_force_run low_mem_threshold1 low_mem_threshold2 verify_certificate verify_depth require_certificate
        send_close_notify con_lifetime session_cache connection_timeout tls_debug tls_log con_ct_wq_max
    tls text: tls_method ca_list certificate private_key crl cipher_list config xavp_cfg session_id event_callback
    presence int: clean_period db_update_period expires_offset max_expires min_expires send_fast_notify subs_db_mode
        publ_cache subs_htable_size pa_htable_size timeout_rm_subs fallback2db
    presence text: db_url presentity_table active_watchers_table watchers_table server_address
    presence_xml int: force_active integrated_xcap_server passive_mode
    presence_xml text: db_url xcap_table
"""
"""A module, a type, and the parameters of that type."""
_ROW = re.compile(r"(\w+) (int|text): ([^:]*?)\s*(?=^    \w|\Z)", re.MULTILINE)
TYPES: dict[str, dict[str, tuple[type, ...]]] = {}
"""By module and name: int, str, or both."""
for _module, _kind, _names in _ROW.findall(TABLE):
    for _name in _names.split():
        _known = TYPES.setdefault(_module, {}).get(_name, ())
        TYPES[_module][_name] = (*_known, int if _kind == "int" else str)
