"""The variables and transformations of Kamailio 5.6.3's modules, whether labsip has them or not.

Measured: a real one was asked for every name that its modules' texts have in them.
"""

from __future__ import annotations

TABLE = """
    pv: AU Au Bf C K Mf RAi RAp RAu RAut Ras Ri Rn Rp Ru Rut Sf TF TS TV Tb Tf Ts _s aU aa ad adc adn ado adr adu af ai
        ar au avp bF bR bf br branch bs cT ccp ci cl cnt conid cs csb ct dP dd def defn di dic dip dir dp ds du duri
        env envn err.class err.info err.level err.rcode err.rreason expires fU fUl fd fn from from.domain from.user fs
        fsn fsp ft fu hdr hdrc hfl hflc ksr location_ua mF mb mbu mf mi ml msg msgbuf mt mts nh null oP oU oUl od op ou
        ouri pU pd pn pp pr prid proto pu rP rU rUl rb rc rcv rd re retcode rm rmid rp rpl rr rs rsi rt ru ruid ruri
        ruri.domain ruri.user rv rz sF sas sbranch sel sf shv si sid siz snd sndfrom sndto sp src_ip stat su sut
        tU tUl td time timef tn to to.domain to.user true tt tu ua utime utimef var version via0 via1 viaZ vn vz xavi
        xavp xavu
    tm: T_branch_idx
    tmx: T T_branch T_inv T_reply_code T_reply_last T_reply_reason T_reply_ruid T_req T_rpl
    rr: fti rdir route_uri tti
    sl: ltt
    kex: sruid
    corex: cfg lsock
    textopsx: blitval hfitbody hfitname
    siputils: pcv
    registrar: ulc
    nathelper: rr_count rr_top_count
    dialog: DLG_count DLG_lifetime DLG_status dlg dlg_ctx dlg_var
    htable: sht shtcn shtcv shtdec shtex shtinc shtitkey shtitval shtrecord
    sqlops: dbr sqlrows
    xhttp: hu
    jsonrpcs: jsonrpl
    cfgutils: RANDOM
    ipops: HN dns naptrquery srvquery
    sdpops: sdp
    mqueue: mq_size mqk mqv
    async: async
    tcpops: tcp
    uac: uac_req
    uuid: uuid
    evrexec: evr
    rtimer: rtimer_worker
    benchmark: BM_time_diff
    rtpproxy: rtpstat
    rtpengine: rtpestat
    pv_headers: x_fU x_fd x_fn x_ft x_fu x_hdr x_rr x_rs x_tU x_td x_tn x_tt x_tu
"""
"""A module and its variables."""
CHANGES = """
    pv: line.at line.count line.sw nameaddr.len nameaddr.name nameaddr.uri param.count param.in param.name param.value
        param.valueat re.subst s.after s.before s.corehash s.count s.decode.7bit s.decode.base58 s.decode.base64
        s.decode.base64t s.decode.base64url s.decode.hexa s.encode.7bit s.encode.base58 s.encode.base64
        s.encode.base64t s.encode.base64url s.encode.hexa s.escape.common s.escape.csv s.escape.param s.escape.user
        s.fmtlines s.fmtlinet s.ftime s.int s.len s.ltrim s.md5 s.numeric s.prefixes s.rafter s.rbefore s.replace s.rm
        s.rmws s.rtrim s.select s.sha256 s.sha384 s.sha512 s.strip s.striptail s.stripto s.substr s.tolower s.toupper
        s.trim s.unbracket s.unescape.common s.unescape.param s.unescape.user s.unquote tobody.display tobody.host
        tobody.params tobody.tag tobody.uri tobody.user uri.domain uri.duri uri.headers uri.host uri.lr uri.maddr
        uri.method uri.param uri.params uri.passwd uri.port uri.r2 uri.saor uri.scheme uri.suri uri.tosocket
        uri.transport uri.ttl uri.uparam uri.user urialias.decode urialias.encode
    corex: sock.host sock.port sock.proto sock.touri
    sqlops: sql.val sql.val.int sql.val.str
    xhttp: url.path url.querystring
"""
"""A module and its transformations."""


def _by_name(table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    module = ""
    for word in table.split():
        if word.endswith(":"):
            module = word[:-1]
        else:
            found[word] = module
    return found


VARIABLES = _by_name(TABLE)
"""The module of each, by its name without `$`."""
TRANSFORMATIONS = _by_name(CHANGES)
"""The module of each."""
