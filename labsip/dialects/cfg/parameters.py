"""The core's parameters, and what each may be set to. Measured on Kamailio 5.6.3."""

from __future__ import annotations

INT, SIGNED, TEXT, WORD, NAME, ADDRESS, SOCKETS, NAMES = (
    "a number", "a number", "a text", "a text or a word", "a word", "an address", "addresses", "names"
)  # fmt: skip
_INTS = """
    real_time shm_mem dst_blocklist_tcp_imask dst_blocklist_tls_imask dst_blocklist_sctp_imask rt_ftimer_policy
    rt_stimer_policy fork fork_delay modinit_delay log_stderror log_prefix_mode log_color latency_limit_db
    latency_limit_action latency_limit_cfg msg_time dns rev_dns dns_try_ipv6 dns_try_naptr dns_srv_lb
    dns_srv_loadbalancing dns_retr_time dns_retr_no dns_servers_no dns_use_search_list dns_search_full_match
    dns_naptr_ignore_rfc use_dns_cache dns_cache_init use_dns_failover dns_cache_flags dns_cache_negative_ttl
    dns_cache_min_ttl dns_cache_max_ttl dns_cache_mem dns_cache_gc_interval dns_cache_del_nonexp
    dns_cache_delete_nonexpired dns_cache_rec_pref use_dst_blocklist dst_blocklist_expire dst_blocklist_mem
    dst_blocklist_gc_interval dst_blocklist_init dst_blocklist_udp_imask port auto_aliases auto_bind_ipv6
    children socket_workers async_workers async_usleep async_nonblock check_via phone2tel shm_mem_size
    sip_warning server_signature server_id reply_to_via mhomed tcp_children tcp_accept_aliases
    tcp_max_connections tls_max_connections tcp_no_connect tcp_fd_cache tcp_buf_write tcp_async tcp_conn_wq_max
    tcp_wq_max tcp_rd_buf_size tcp_wq_blk_size tcp_defer_accept tcp_delayed_ack tcp_syncnt tcp_linger2
    tcp_keepalive tcp_keepidle tcp_keepintvl tcp_keepcnt tcp_crlf_ping tcp_accept_no_cl tcp_accept_hep3
    tcp_accept_haproxy tcp_accept_unique tcp_clone_rcvbuf tcp_reuse_port tcp_connection_match disable_tcp
    disable_tls tls_disable enable_tls tls_enable tls_log tls_port_no tls_verify tls_require_certificate
    tls_handshake_timeout tls_send_timeout disable_sctp enable_sctp sctp_children advertised_port
    disable_core_dump open_files_limit shm_force_alloc mlock_pages rt_prio rt_policy rt_timer1_prio
    rt_timer1_policy rt_ftimer_prio rt_timer2_prio rt_timer2_policy rt_stimer_prio mcast_loopback mcast_ttl
    pmtu_discovery udp_mtu udp4_raw_mtu udp4_raw_ttl force_rport max_while_loops max_recursive_level
    max_branches onsend_route_reply http_reply_parse http_reply_hack verbose_startup route_locks_size
    wait_worker1_mode wait_worker1_time wait_worker1_usleep local_rport bind_ipv6_link_local maxbuffer
    sql_buffer_size pv_buffer_size pv_buffer_slots pv_cache_limit pv_cache_action shm
"""
_SIGNED = """
    mem_summary debug latency_log latency_cfg_log dns_udp_pref dns_udp_preference dns_tcp_pref dns_tls_pref
    dns_sctp_pref memlog mem_log memdbg mem_dbg mem_safety mem_join mem_status_mode sip_parser_mode
    sip_parser_log sip_parser_log_oneline tcp_send_timeout tcp_connect_timeout tcp_connection_lifetime
    tcp_wait_data tcp_script_mode udp4_raw ip_free_bind ipfreebind corelog
"""
_TEXTS = """
    user_agent_header ipv6_hex_style log_name log_prefix log_engine_type log_engine_data async_workers_group
    server_header tls_certificate tls_private_key tls_ca_list stats_name_separator uri_host_extra_chars
    hdr_name_extra_chars xavp_via_params xavp_via_fields version_table
"""
_WORDS = """
    uid group gid chroot workdir wdir rundir run_dir mcast user
"""
_NAMES = "log_facility tcp_poll_method tls_method udp_mtu_try_proto tos"
_ADDRESSES = "tcp_source_ipv4 tcp_source_ipv6 advertised_address"

CORE_PARAMETERS: dict[str, str] = {
    name: kind
    for names, kind in (
        (_INTS, INT),
        (_SIGNED, SIGNED),
        (_TEXTS, TEXT),
        (_WORDS, WORD),
        (_NAMES, NAME),
        (_ADDRESSES, ADDRESS),
        ("listen", SOCKETS),
        ("alias", NAMES),
    )
    for name in names.split()
}
"""What each takes."""
NEGATIVE = frozenset(_SIGNED.split())
"""Those that may be negative."""
FACILITIES = ("LOG_AUTH", "LOG_AUTHPRIV", "LOG_CRON", "LOG_DAEMON", "LOG_FTP", "LOG_KERN", "LOG_LPR", "LOG_MAIL",
              "LOG_NEWS", "LOG_SYSLOG", "LOG_USER", "LOG_UUCP", *(f"LOG_LOCAL{n}" for n in range(8)))  # fmt: skip
"""Of `log_facility`."""
SAME_PARAMETER = {
    "mem_log": "memlog", "mem_dbg": "memdbg", "shm": "shm_mem_size", "shm_mem": "shm_mem_size",
    "ipfreebind": "ip_free_bind",    "dns_srv_loadbalancing": "dns_srv_lb", "dns_udp_preference": "dns_udp_pref",
    "dns_cache_delete_nonexpired": "dns_cache_del_nonexp", "tls_disable": "disable_tls", "tls_enable": "enable_tls",
    "uid": "user", "gid": "group", "wdir": "workdir", "run_dir": "rundir",
}  # fmt: skip
"""Other spellings, and the one they stand for."""
