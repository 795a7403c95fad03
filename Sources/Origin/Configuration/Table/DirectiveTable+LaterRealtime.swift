extension DirectiveTable {
    static let laterWebRTC = [
        DirectiveRule(
            known: "rtc_server", .block, "", "WebRTC.", .notYet),
        DirectiveRule(
            known: "rtc_server.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "rtc_server.listen", .values, "8000", "UDP port of the media.", .notYet),
        DirectiveRule(
            known: "rtc_server.dir", .value, "", "Directory of its pages.", .notYet),
        DirectiveRule(
            known: "rtc_server.candidate", .value, "*",
            "Addresses that clients are told; a name with `$` is read from the environment.", .notYet),
        DirectiveRule(
            known: "rtc_server.api_as_candidates", .value, "on", "Whether the host of the request is one of them.",
            .notYet),
        DirectiveRule(
            known: "rtc_server.resolve_api_domain", .value, "on", "Whether it is resolved, if it is a name.", .notYet),
        DirectiveRule(
            known: "rtc_server.keep_api_domain", .value, "off", "Whether the name is told as well.", .notYet),
        DirectiveRule(
            known: "rtc_server.use_auto_detect_network_ip", .value, "on",
            "Whether the machine's own addresses are told.", .notYet),
        DirectiveRule(
            known: "rtc_server.ip_family", .value, "ipv4", "Which families of addresses are told.", .notYet),
        DirectiveRule(
            known: "rtc_server.protocol", .value, "udp", "By what media goes: udp, tcp or all.", .notYet),
        DirectiveRule(
            known: "rtc_server.tcp", .block, "", "Media over TCP.", .notYet),
        DirectiveRule(
            known: "rtc_server.tcp.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "rtc_server.tcp.listen", .values, "8000", "Where.", .notYet),
        DirectiveRule(
            known: "rtc_server.ecdsa", .value, "on", "Whether the DTLS certificate has an elliptic key.", .notYet),
        DirectiveRule(
            known: "rtc_server.encrypt", .value, "on", "Whether media is encrypted.", .notYet),
        DirectiveRule(
            known: "rtc_server.reuseport", .value, "1", "How many sockets share the port.", .notYet),
        DirectiveRule(
            known: "rtc_server.merge_nalus", .value, "off", "Whether parts of a picture are sent in one packet.",
            .notYet),
        DirectiveRule(
            known: "rtc_server.black_hole", .block, "", "Copies of packets, for tests.", .notYet),
        DirectiveRule(
            known: "rtc_server.black_hole.enabled", .value, "off", "Whether there are any.", .notYet),
        DirectiveRule(
            known: "rtc_server.black_hole.addr", .values, "", "Where they go.", .notYet),
        DirectiveRule(
            known: "vhost.rtc", .block, "", "WebRTC for the streams of the host.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.nack", .value, "on", "Whether lost packets are asked for.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.nack_no_copy", .value, "on",
            "Whether packets that may be asked for are kept without a copy.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.twcc", .value, "on", "Whether congestion is told to publishers.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.stun_timeout", .value, "30", "Seconds of silence that end a session.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.stun_strict_check", .value, "off", "Whether STUN packets are checked in full.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.dtls_role", .value, "passive", "Which side of DTLS this server is.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.dtls_version", .value, "auto", "Which version of DTLS.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.drop_for_pt", .value, "0", "A payload type that is dropped, for tests.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.rtmp_to_rtc", .value, "off", "Whether RTMP streams can be played.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.keep_bframe", .value, "off", "Whether B-frames are kept then.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.keep_avc_nalu_sei", .value, "on", "Whether additional information of H.264 is kept then.",
            .notYet),
        DirectiveRule(
            known: "vhost.rtc.rtc_to_rtmp", .value, "off", "Whether WebRTC streams can be played by RTMP.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.pli_for_rtmp", .value, "6", "Seconds after which a key frame is asked for then.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.init_rate_from_sdp", .value, "off",
            "Whether the clock of a track is taken from the offer.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.opus_bitrate", .value, "48000", "Bits per second of Opus that is made of AAC.", .notYet),
        DirectiveRule(
            known: "vhost.rtc.aac_bitrate", .value, "48000", "Bits per second of AAC that is made of Opus.", .notYet),
        DirectiveRule(
            known: "vhost.nack", .block, "", "Where SRS 3 had `rtc.nack` and `rtc.nack_no_copy`.", .notYet),
        DirectiveRule(
            known: "vhost.twcc", .block, "", "Where SRS 3 had `rtc.twcc`.", .notYet),
    ]

    static let laterSRT = [
        DirectiveRule(
            known: "srt_server", .block, "", "SRT.", .notYet),
        DirectiveRule(
            known: "srt_server.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "srt_server.listen", .values, "10080", "UDP port.", .notYet),
        DirectiveRule(
            known: "srt_server.maxbw", .value, "-1", "Bytes per second at most; -1 for any number.", .notYet),
        DirectiveRule(
            known: "srt_server.mss", .value, "1500", "Bytes of a packet at most.", .notYet),
        DirectiveRule(
            known: "srt_server.tsbpdmode", .value, "on", "Whether packets are given out at their time.", .notYet),
        DirectiveRule(
            known: "srt_server.tlpktdrop", .value, "on", "Whether packets that are too late are dropped.", .notYet),
        DirectiveRule(
            known: "srt_server.latency", .value, "120", "Milliseconds to wait for lost packets, both ways.", .notYet),
        DirectiveRule(
            known: "srt_server.recvlatency", .value, "120", "Those for what is received.", .notYet),
        DirectiveRule(
            known: "srt_server.peerlatency", .value, "0", "Those that the peer is asked for.", .notYet),
        DirectiveRule(
            known: "srt_server.connect_timeout", .value, "3000", "Milliseconds that a connection may take.", .notYet),
        DirectiveRule(
            known: "srt_server.peer_idle_timeout", .value, "10000", "Milliseconds of silence that end a connection.",
            .notYet),
        DirectiveRule(
            known: "srt_server.sendbuf", .value, "12058624", "Bytes of the buffer for sending.", .notYet),
        DirectiveRule(
            known: "srt_server.recvbuf", .value, "12058624", "Bytes of the buffer for receiving.", .notYet),
        DirectiveRule(
            known: "srt_server.payloadsize", .value, "1316", "Bytes of media in one packet.", .notYet),
        DirectiveRule(
            known: "srt_server.passphrase", .value, "", "Secret that encrypts.", .notYetGuarding),
        DirectiveRule(
            known: "srt_server.pbkeylen", .value, "0", "Bytes of the key that is made of it.", .notYet),
        DirectiveRule(
            known: "srt_server.default_app", .value, "live", "Application of a stream that names none.", .notYet),
        DirectiveRule(
            known: "srt_server.default_streamid", .value, "", "Stream of a caller that names none.", .notYet),
        DirectiveRule(
            known: "srt_server.sei_filter", .value, "on", "Whether additional information of H.264 is left out.",
            .notYet),
        DirectiveRule(
            known: "srt_server.mix_correct", .value, "on", "Whether sound and picture are put into one order of time.",
            .notYet),
        DirectiveRule(
            known: "vhost.srt", .block, "", "SRT for the streams of the host.", .notYet),
        DirectiveRule(
            known: "vhost.srt.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "vhost.srt.srt_to_rtmp", .value, "on", "Whether SRT streams can be played by RTMP.", .notYet),
        DirectiveRule(
            known: "rtsp_server", .block, "", "RTSP, of SRS 7.", .notYet),
        DirectiveRule(
            known: "rtsp_server.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "rtsp_server.listen", .values, "554", "Where.", .notYet),
        DirectiveRule(
            known: "vhost.rtsp", .block, "", "RTSP for the streams of the host.", .notYet),
        DirectiveRule(
            known: "vhost.rtsp.enabled", .value, "off", "Whether it is served.", .notYet),
        DirectiveRule(
            known: "vhost.rtsp.rtmp_to_rtsp", .value, "on", "Whether RTMP streams can be played.", .notYet),
    ]

    static let laterCasters = [
        DirectiveRule(
            known: "stream_caster", .block, "", "Another way for streams to come in.", .notYet, isRepeatable: true),
        DirectiveRule(
            known: "stream_caster.enabled", .value, "off", "Whether it is open.", .notYet),
        DirectiveRule(
            known: "stream_caster.caster", .value, "", "What it takes: mpegts_over_udp, flv or gb28181.", .notYet),
        DirectiveRule(
            known: "stream_caster.output", .value, "", "RTMP URL that it publishes to.", .notYet),
        DirectiveRule(
            known: "stream_caster.listen", .value, "0", "Its port.", .notYet),
        DirectiveRule(
            known: "stream_caster.sip", .block, "", "Signalling of GB28181.", .notYet),
        DirectiveRule(
            known: "stream_caster.sip.enabled", .value, "on", "Whether this server speaks it.", .notYet),
        DirectiveRule(
            known: "stream_caster.sip.listen", .value, "5060", "Its port.", .notYet),
        DirectiveRule(
            known: "stream_caster.sip.timeout", .value, "60",
            "Seconds after which a device that does not register is given up.", .notYet),
        DirectiveRule(
            known: "stream_caster.sip.reinvite", .value, "5", "Seconds after which a device is invited again.", .notYet),
        DirectiveRule(
            known: "stream_caster.sip.candidate", .value, "*", "Address that devices send media to.", .notYet),
    ]
}
