import HTTPTransport

/// What viewers see at `/` until an operator brings pages of their own: a player.
///
/// Compiled in, so that the program is one file.
enum BuiltInPages {
    static var all: [StaticResource] {
        [
            StaticResource("index.html", PackageResources.index_html),
            StaticResource("sluice.css", PackageResources.sluice_css),
            StaticResource("sluice.js", PackageResources.sluice_js),
            StaticResource("server-state.js", PackageResources.server_state_js),
            StaticResource("favicon.svg", PackageResources.favicon_svg),
        ] + player
    }

    /// The modules that `sluice.js` imports.
    private static var player: [StaticResource] {
        [
            StaticResource("player/audio-codecs.js", PackageResources.audio_codecs_js),
            StaticResource("player/audio-track.js", PackageResources.audio_track_js),
            StaticResource("player/backoff.js", PackageResources.backoff_js),
            StaticResource("player/bytes.js", PackageResources.bytes_js),
            StaticResource("player/flv-demuxer.js", PackageResources.flv_demuxer_js),
            StaticResource("player/lane.js", PackageResources.lane_js),
            StaticResource("player/live-edge.js", PackageResources.live_edge_js),
            StaticResource("player/media-output.js", PackageResources.media_output_js),
            StaticResource("player/mp4-boxes.js", PackageResources.mp4_boxes_js),
            StaticResource("player/parameter-sets.js", PackageResources.parameter_sets_js),
            StaticResource("player/player.js", PackageResources.player_js),
            StaticResource("player/remuxer.js", PackageResources.remuxer_js),
            StaticResource("player/statistics.js", PackageResources.statistics_js),
            StaticResource("player/stream-address.js", PackageResources.stream_address_js),
            StaticResource("player/stream-error.js", PackageResources.stream_error_js),
            StaticResource("player/tag-bodies.js", PackageResources.tag_bodies_js),
            StaticResource("player/timeline.js", PackageResources.timeline_js),
            StaticResource("player/track-buffer.js", PackageResources.track_buffer_js),
            StaticResource("player/transport.js", PackageResources.transport_js),
            StaticResource("player/video-codecs.js", PackageResources.video_codecs_js),
            StaticResource("player/video-track.js", PackageResources.video_track_js),
        ]
    }
}
