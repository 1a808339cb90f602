"""What Kamailio 5.6.3 has in modules that labsip has not, by name: so that a name can be known from a slip.

Read out of the modules of Debian's packages, all but kazoo, erlang, mono and perl. `catalogue` reads the tables. A name
that several modules have stands behind each of them.
"""

from __future__ import annotations

COMMANDS = """
    acc_diameter any: acc_diam_request/1
    acc_radius any: acc_rad_request/1
    app_jsdt any: jsdt_dofile/1 jsdt_dostring/1 jsdt_run/1-4 jsdt_runstring/1
    app_lua any: lua_dofile/1 lua_dostring/1 lua_run/1-4 lua_runstring/1
    app_python3 any: python_exec/1-2
    app_ruby any: ruby_run/1-4
    app_sqlang any: sqlang_dofile/1 sqlang_dostring/1 sqlang_run/1-4 sqlang_runstring/1
    auth R: pv_proxy_authorize/3 pv_www_authorize/3
    auth_diameter R: diameter_is_user_in/2 diameter_proxy_authorize/1 diameter_www_authorize/1
    auth_ephemeral R: autheph_authenticate/2 autheph_check/1 autheph_check_from/0-1 autheph_check_timestamp/1
        autheph_check_to/0-1 autheph_proxy/1 autheph_www/1-2
    auth_identity R: auth_add_identity/0 auth_date_proc/0 vrfy_check_callid/0 vrfy_check_certificate/0
        vrfy_check_date/0 vrfy_check_msgvalidity/0 vrfy_get_certificate/0
    auth_radius R: radius_proxy_authorize/1-2 radius_www_authorize/1-2
    auth_xkeys any: auth_xkeys_add/4 auth_xkeys_check/4
    avp RF: append_attr_hf/1-2 attr2uri/1-2 attr_destination/1 attr_to_reply/1-2 insert_attr_hf/1-2
        replace_attr_hf/1-2
    avp RFOC: attr_equals/2 attr_equals_xl/2 attr_exists/1 del_attr/1 del_attrs/1 dump_attrs/0-1 flags2attr/1
        hdr_body2attrs/2 hdr_body2attrs2/2 print_attr/1 set_attr/2 set_iattr/2 set_sattr/2 subst_attr/2
        xlfix_attr/1 xlset_attr/2
    avp R: xlset_destination/1
    benchmark RFOCB: bm_log_timer/1 bm_start_timer/1
    blst any: blst_add/0-1 blst_add_retry_after/2 blst_clear_ignore/0-1 blst_del/0 blst_is_blocklisted/0
        blst_rpl_clear_ignore/0-1 blst_rpl_set_ignore/0-1 blst_set_ignore/0-1
    call_control R: call_control/0
    call_obj any: call_obj_free/1 call_obj_get/1
    carrierroute RF: cr_next_domain/6 cr_nofallback_route/5-6 cr_route/5-6 cr_user_carrier/3
    cdp any: cdp_check_peer/1 cdp_has_app/1-2
    cnxcc any: cnxcc_get_channel_count/2 cnxcc_set_max_channels/2 cnxcc_set_max_credit/6 cnxcc_set_max_time/2
        cnxcc_terminate_all/1 cnxcc_update_max_time/2
    cplc R: cpl_process_register/0 cpl_process_register_norpl/0 cpl_run_script/2-3
    crypto any: crypto_aes_decrypt/3 crypto_aes_encrypt/3 crypto_hmac_sha256/3 crypto_netio_decrypt/0
        crypto_netio_encrypt/0 crypto_netio_in/0 crypto_netio_out/0
    db2_ops any: db_close/1 db_first/1 db_foreach/2 db_next/1 db_query/1-2 db_seek/2
    db2_ops F: db_proper/0
    dispatcher any: ds_list_exist/1
    diversion RFB: add_diversion/1-2
    dmq any: dmq_bcast_message/3 dmq_send_message/4
    dmq R: dmq_handle_message/0-1 dmq_is_from_node/0 dmq_process_message/0-1 dmq_t_replicate/0-1
    domainpolicy R: dp_apply_policy/0 dp_can_connect/0
    drouting RF: do_routing/0-1 use_next_gw/0
    drouting RFOC: goes_to_gw/0-1 is_from_gw/0-2
    drouting F: next_routing/0
    enum R: enum_pv_query/1-3 enum_query/0-2 i_enum_query/0-2 is_from_user_enum/0-2
    evapi R: evapi_async_multicast/2 evapi_async_relay/1 evapi_async_unicast/2
    evapi any: evapi_close/0-1 evapi_multicast/2 evapi_relay/1 evapi_set_tag/1 evapi_unicast/2
    exec RF: exec_avp/1-2 exec_dset/1 exec_msg/1
    exec any: exec_cmd/1
    geoip any: geoip_match/2
    geoip2 any: geoip2_match/2
    group RFB: get_user_group/2 is_user_in/2
    h350 RFOCB: h350_auth_lookup/2 h350_result_call_preferences/1 h350_result_service_level/1
        h350_sipuri_lookup/1
    http_client RFOCB: http_client_get/4 http_client_query/2-4 http_connect/3,5 http_connect_raw/5
        http_get_redirect/2
    imc R: imc_manager/0
    ims_auth R: ims_proxy_authenticate/1 ims_proxy_challenge/3 ims_www_authenticate/1 ims_www_challenge/2-3
        ims_www_resync_auth/2
    ims_charging R: Ro_CCR/5
    ims_charging RFOC: Ro_CCR_Stop/3
    ims_charging ROC: Ro_set_session_id_avp/0
    ims_dialog any: dlg_get/3
    ims_dialog RFOCB: dlg_isflagset/1 dlg_resetflag/1 dlg_setflag/1 dlg_terminate/1-2 get_profile_size/2-3
        is_in_profile/1-2 is_known_dlg/0 set_dlg_profile/1-2
    ims_dialog FOCB: unset_dlg_profile/1-2
    ims_diameter_server any: diameter_request/3-4 diameter_request_async/3-4
    ims_icscf R: I_perform_location_information_request/2 I_perform_user_authorization_request/2
    ims_icscf RFOC: I_scscf_drop/0
    ims_icscf RF: I_scscf_select/1
    ims_ipsec_pcscf OC: ipsec_create/1-2
    ims_ipsec_pcscf ROC: ipsec_destroy/1 ipsec_forward/1-2
    ims_isc RF: isc_from_as/1 isc_match_filter/2
    ims_isc R: isc_match_filter_reg/2
    ims_ocs R: ccr_result/3
    ims_qos ROC: Rx_AAR/4
    ims_qos R: Rx_AAR_Register/2
    ims_registrar_pcscf OC: pcscf_assert_called_identity/1 pcscf_save/1
    ims_registrar_pcscf R: pcscf_assert_identity/2 pcscf_follows_service_routes/1 pcscf_force_service_routes/1
        pcscf_save_pending/1 reginfo_handle_notify/1
    ims_registrar_pcscf ROC: pcscf_is_registered/1
    ims_registrar_pcscf any: pcscf_unregister/4
    ims_registrar_scscf R: add_sock_hdr/1 assign_server_unreg/3 can_publish_reg/1 can_subscribe_to_reg/1
        lookup_path_to_contact/1 publish_reg/1 subscribe_to_reg/1
    ims_registrar_scscf RF: impu_registered/1 lookup/1-2 reg_fetch_contacts/3 reg_free_contacts/1
        term_impu_has_contact/1 term_impu_registered/1 unregister/2
    ims_registrar_scscf ROC: save/2-4
    jansson any: jansson_append/4 jansson_array_size/3 jansson_get/3 jansson_get_field/3 jansson_set/4
        jansson_xdecode/2 jansson_xencode/2
    janssonrpcc any: janssonrpc_notification/3 janssonrpc_request/4 jsansonrpc_request/3
    json any: json_get_field/3 json_get_string/3
    jsonrpcc any: jsonrpc_notification/2 jsonrpc_request/5
    keepalive ROCB: ka_add_destination/2
    keepalive any: ka_del_destination/2 ka_is_alive/1
    lcr RF: defunct_gw/1 inactivate_gw/0 next_gw/0
    lcr RFOC: from_any_gw/0,2,3 from_gw/1,3,4 to_any_gw/0,2 to_gw/1,3
    ldap RFOCB: ldap_filter_url_encode/2 ldap_result/1-2 ldap_result_check/1-2 ldap_result_next/0 ldap_search/1
    log_custom any: log_udp/1
    log_systemd any: sd_journal_print/2 sd_journal_send_xavp/1
    lost RFB: lost_held_dereference/5 lost_held_query/4-5 lost_query/4,6
    lrkproxy any: lrkproxy_manage/0-2 set_lrkproxy_set/1
    lwsc any: lwsc_notify/2 lwsc_notify_proto/3 lwsc_request/2 lwsc_request_proto/3
    mangler R: decode_contact/0
    mangler ROC: decode_contact_header/0 encode_contact/2 sdp_mangle_ip/2 sdp_mangle_port/1
    matrix RF: matrix/3
    mediaproxy any: end_media_session/0 use_media_proxy/0
    mediaproxy RB: engage_media_proxy/0
    misc_radius R: radius_does_uri_exist/0-1 radius_does_uri_user_exist/0-1
    misc_radius RFB: radius_is_user_in/2
    misc_radius RF: radius_load_callee_avps/1 radius_load_caller_avps/1
    mohqueue RFOC: mohq_count/2 mohq_retrieve/2
    mohqueue R: mohq_process/0 mohq_send/1
    mqtt any: mqtt_publish/3 mqtt_subscribe/2 mqtt_unsubscribe/1
    msilo R: m_dump/0-1
    msilo RF: m_store/0-1
    msrp any: msrp_cmap_lookup/0 msrp_cmap_save/0 msrp_is_reply/0 msrp_is_request/0 msrp_relay/0
        msrp_relay_flags/1 msrp_reply/2-3 msrp_reply_flags/1 msrp_set_dst/2
    mtree RFOCB: mt_match/3
    nat_traversal any: client_nat_test/1 fix_contact/0
    nat_traversal R: nat_keepalive/0
    nats any: nats_publish/2
    ndb_mongodb any: mongodb_cmd/5 mongodb_cmd_simple/5 mongodb_find/5 mongodb_find_one/5 mongodb_free/1
        mongodb_next/1
    ndb_redis any: redis_cmd/3-6 redis_execute/1 redis_free/1 redis_pipe_cmd/3-6
    pdb RF: pdb_query/2
    pdt RFB: pd_translate/2
    pdt RF: prefix2domain/0-2
    peering RFB: verify_destination/0 verify_source/0
    phonenum any: phonenum_match/2 phonenum_match_cn/3
    pipelimit any: pl_active/1 pl_check/1,3
    pipelimit RFBS: pl_drop/0-2
    prefix_route any: prefix_route/0-1
    presence R: handle_publish/0-1 handle_subscribe/0-1 pres_auth_status/2
    presence any: pres_has_subscribers/2 pres_refresh_watchers/3,5 pres_update_watchers/2
    presence_xml any: pres_check_activities/2 pres_check_basic/2
    pua R: pua_update_contact/0
    pua_bla R: bla_handle_notify/0 bla_set_flag/0
    pua_json any: pua_json_publish/1
    pua_reginfo R: reginfo_handle_notify/1
    pua_reginfo ROC: reginfo_subscribe/1-2
    pua_usrloc R: pua_set_publish/0
    pua_xmpp R: pua_xmpp_notify/0 pua_xmpp_req_winfo/2
    pv_headers any: pvh_append_header/2 pvh_apply_headers/0 pvh_check_header/1 pvh_collect_headers/0
        pvh_header_param_exists/2 pvh_modify_header/2-3 pvh_remove_header/1-2 pvh_remove_header_param/2
        pvh_reset_headers/0
    rabbitmq R: rabbitmq_publish/4 rabbitmq_publish_consume/5
    ratelimit any: rl_check/0-1 rl_check_pipe/1
    regex RFOCB: pcre_match/2 pcre_match_group/1-2
    rls R: rls_handle_notify/0 rls_handle_subscribe/0-1
    rls any: rls_update_subs/2
    rtjson R: rtjson_init_routes/1 rtjson_push_routes/0
    rtjson RF: rtjson_next_route/0
    rtjson B: rtjson_update_branch/0
    rtpproxy any: start_recording/0
    sca RFOC: sca_call_info_update/0-3
    sca R: sca_handle_subscribe/0
    seas R: as_relay_sl/1 as_relay_t/1
    secfilter any: secf_check_contact_hdr/0 secf_check_country/1 secf_check_dst/1 secf_check_from_hdr/0
        secf_check_ip/0 secf_check_sqli_all/0 secf_check_sqli_hdr/1 secf_check_to_hdr/0 secf_check_ua/0
    secsipid any: secsipid_add_identity/6 secsipid_build_identity/6 secsipid_build_identity_prvkey/6
        secsipid_check/2 secsipid_check_identity/1 secsipid_check_identity_pubkey/1 secsipid_get_url/2
        secsipid_sign/3
    sipcapture any: float2int/2 report_capture/1-3 sip_capture/0-2 sip_capture_forward/1
    sipdump any: sipdump_send/1
    sipjson any: sj_serialize/2
    sipt RB: sipt_destination/3-4 sipt_forwarding/2 sipt_set_calling/4
    sipt any: sipt_has_isup_body/0
    sipt OC: sipt_set_bci_1/4
    siptrace any: hlog/1-2 sip_trace/0-3 sip_trace_mode/1
    siputils R: contact_param_decode_ruri/1
    slack any: slack_send/1
    sms R: sms_send_msg/0 sms_send_msg_to_net/1
    smsops R: isRPDATA/0 smsdump/0
    ss7ops any: isup_to_json/1
    sst ROC: sstCheckMin/1
    statsc any: statsc_reset/0
    statsd any: statsd_decr/1 statsd_gauge/2 statsd_histogram/2 statsd_incr/1 statsd_set/2 statsd_start/1
        statsd_stop/1
    timer any: timer_enable/2
    tls R: is_peer_verified/0
    tls any: tls_set_connect_server_id/1
    tm RFOB: t_disable_e2e_cancel_reason/1
    tm R: t_forward_nonack_to/2 t_forward_nonack_uri/0 t_relay_to_avp/2 t_replicate_sctp/2 t_replicate_tcp/2
        t_replicate_tls/2 t_replicate_to/2 t_replicate_udp/2
    tm RF: t_write_req/2 t_write_unix/2
    tmrec any: is_leap_year/0-1 time_period_match/1-2 tmrec_match/1-2
    topos any: tps_set_context/1
    tsilo RF: ts_append/2 ts_append_by_contact/2-3 ts_append_to/3-4 ts_store/0-1
    uac_redirect F: get_redirects/1-2 set_accept_filter/2 set_deny_filter/2
    uid_auth_db R: proxy_authenticate/2 proxy_authorize/2 www_authenticate/2 www_authorize/2
    uid_avp_db RF: load_attrs/2
    uid_avp_db RFOC: load_extra_attrs/2 lock_extra_attrs/2 remove_extra_attrs/2 save_extra_attrs/2
        unlock_extra_attrs/2
    uid_domain RFB: is_local/1
    uid_domain RF: lookup_domain/2
    uid_gflags RFOC: flush_ugflags/0 is_ugflag/1 reset_ugflag/1 set_ugflag/1
    uid_uri_db RF: check_uri/1 lookup_user/1-2
    userblocklist RF: check_allowlist/1 check_blocklist/0-1 check_user_allowlist/2-4 check_user_blocklist/2-4
    utils R: xcap_auth_status/2
    websocket any: ws_close/0,2,3 ws_handle_handshake/0
    xcap_server R: xcaps_del/2 xcaps_get/2 xcaps_put/3
    xhttp_pi R: dispatch_xhttp_pi/0
    xhttp_prom R: prom_check_uri/0 prom_dispatch/0
    xhttp_prom any: prom_counter_inc/2-5 prom_counter_reset/1-4 prom_gauge_reset/1-4 prom_gauge_set/2-5
        prom_histogram_observe/2-5
    xhttp_rpc R: dispatch_xhttp_rpc/0
    xmlrpc R: dispatch_rpc/0 xmlrpc_reply/2
    xmpp R: xmpp_send_message/0
    xprint any: xpdbg/1 xplog/2
"""
"""A module, the blocks its commands may stand in, and the commands with their numbers of arguments."""
SILENT = """
    acc_json app_lua_sr cdp_avp cfg_db cfg_rpc cfgt ctl db2_ldap db_berkeley db_cluster db_flatstore db_mongodb
    db_mysql db_perlvdb db_postgres db_redis db_sqlite db_text db_unixodbc dmq_usrloc evrexec gzcompress
    ims_usrloc_pcscf ims_usrloc_scscf kemix memcached nosip outbound p_usrloc presence_conference
    presence_dialoginfo presence_mwi presence_profile presence_reginfo pua_dialoginfo pua_rpc qos rtimer sctp
    snmpstats stun systemdops topoh topos_redis usrloc uuid xcap_client xmlops
"""
"""Modules without commands."""
VARIABLES = """
    async: async
    benchmark: BM_time_diff
    cfgutils: RANDOM
    cnxcc: cnxcc
    corex: cfg lsock
    dialog: DLG_count dlg_ctx
    dispatcher: dsv
    evapi: evapi
    evrexec: evr
    geoip: gip
    geoip2: gip2
    htable: shtcn shtcv shtdec shtitkey shtitval shtrecord
    http_client: curlerror
    ims_dialog: DLG_count DLG_lifetime DLG_status dlg dlg_ctx dlg_var
    ims_diameter_server: diameter_application diameter_command diameter_request diameter_response
    ims_registrar_pcscf: pcscf_asserted_identity pcscf_registration_contact
    ims_registrar_scscf: ulc
    ipops: HN dns naptrquery srvquery
    jsonrpcs: jsonrpl
    kex: sruid
    lwsc: lwsc
    memcached: mcdec mcinc mct mctex
    mqtt: mqtt
    mqueue: mq_size mqk mqv
    msrp: msrp
    nat_traversal: keepalive.socket source_uri
    nathelper: rr_count rr_top_count
    nats: natsData
    ndb_mongodb: mongodb
    ndb_redis: redis redisd
    nosip: nosip
    phonenum: phn
    presence: notify_reply subs
    pv: AU Au Bf K Mf RAi RAp RAu RAut Ras Rn Rut Sf TV Tb aU aa ad adc adn ado adr af ar au ccp cnt conid csb
        di dic dip dir ds duri err.class err.info err.level err.rcode err.rreason expires fUl from from.domain
        from.user fs fsn fsp hdrc hfl hflc ksr location_ua msg msgbuf mts nh oUl ouri pU pd pn pp prid pu rUl
        rcv re rmid rpl rsi rt ruid ruri ruri.domain ruri.user sas sbranch sid siz snd src_ip stat sut tUl time
        timef to to.domain to.user true utime utimef version via0 via1 viaZ vn vz xavi xavu
    pv_headers: x_fU x_fd x_fn x_ft x_fu x_hdr x_rr x_rs x_tU x_td x_tn x_tt x_tu
    registrar: ulc
    rr: fti rdir route_uri tti
    rtimer: rtimer_worker
    rtpengine: rtpestat rtpstat
    rtpproxy: rtppstat rtpstat
    sdpops: sdp
    secsipid: secsipid
    sipcapture: hep
    sipdump: sipdump
    sipt: sipt sipt_called_party_nai sipt_calling_party_nai sipt_cpc sipt_hop_counter sipt_presentation
        sipt_screening
    siptrace: siptrace
    siputils: pcv
    sl: ltt
    smsops: rpdata smsack smsbody tpdu
    sqlops: sqlrows
    ss7ops: isup
    tcpops: tcp
    textopsx: blitval hfitbody hfitname
    tls: tls tls_cipher_bits tls_cipher_info tls_description tls_my_issuer tls_my_issuer_cn
        tls_my_issuer_country tls_my_issuer_locality tls_my_issuer_organization tls_my_issuer_state
        tls_my_issuer_unit tls_my_raw_cert tls_my_san_email tls_my_san_hostname tls_my_san_ip tls_my_san_uri
        tls_my_serial tls_my_subject tls_my_subject_cn tls_my_subject_country tls_my_subject_locality
        tls_my_subject_organization tls_my_subject_state tls_my_subject_uid tls_my_subject_unit
        tls_my_urlencoded_cert tls_my_version tls_peer_expired tls_peer_issuer tls_peer_issuer_cn
        tls_peer_issuer_country tls_peer_issuer_locality tls_peer_issuer_organization tls_peer_issuer_state
        tls_peer_issuer_unit tls_peer_notAfter tls_peer_notBefore tls_peer_raw_cert tls_peer_revoked
        tls_peer_san_email tls_peer_san_hostname tls_peer_san_ip tls_peer_san_uri tls_peer_selfsigned
        tls_peer_serial tls_peer_server_name tls_peer_subject tls_peer_subject_cn tls_peer_subject_country
        tls_peer_subject_locality tls_peer_subject_organization tls_peer_subject_state tls_peer_subject_uid
        tls_peer_subject_unit tls_peer_urlencoded_cert tls_peer_verified tls_peer_version tls_version
    tmx: T T_branch T_branch_idx T_inv T_reply_last T_reply_reason T_reply_ruid T_req T_rpl
    uac: uac_req
    uuid: uuid
    websocket: ws_conid
    xcap_server: xcapuri
    xlog: C
    xmlops: xml
"""
"""A module and its variables."""
