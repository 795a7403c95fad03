import TestKit

/// The most widely used encoder and player, as it is installed.
enum FFmpeg {
    static let path = "/usr/bin/ffmpeg"
    static let quiet = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    private static let hashes = ["-c", "copy", "-copyts", "-flush_packets", "1", "-f", "framemd5"]

    /// What is in a file.
    static func record(file: String) async throws -> Recording {
        let result = try await RunningProgram.run(path, quiet + ["-i", file] + hashes + ["-"])
        return Recording(result.output.split(separator: "\n").map(String.init))
    }

    /// Publishes a fixture, at `speed` times real time; 0 as fast as it goes. `isEndless` begins it again and again.
    static func publish(
        _ media: Fixture.Media, to url: String, speed: Double = 5, isEndless: Bool = false, _ more: [String] = []
    ) throws -> RunningProgram {
        let pace = speed > 0 ? ["-readrate", "\(speed)"] : []
        return try RunningProgram(
            path,
            quiet + (isEndless ? ["-stream_loop", "-1"] : []) + pace + ["-i", media.path, "-c", "copy"] + more
                + ["-f", "flv", url])
    }

    /// Plays the tracks of `sent` from `url`; `more` stands in front of it.
    static func play(_ url: String, _ sent: Recording, _ more: [String] = []) throws -> FFmpegViewer {
        // An output for each track: in one, ffmpeg keeps the last frames of one track to order those of the other in.
        let places = ["video": "pipe:1", "audio": "pipe:2"]
        let outputs = sent.kinds.flatMap { kind in
            ["-map", kind == "video" ? "0:v" : "0:a"] + hashes + [places[kind] ?? ""]
        }
        // Where there is one track ffmpeg would wait for another for five seconds.
        return FFmpegViewer(
            program: try RunningProgram(path, quiet + ["-analyzeduration", "1000000"] + more + ["-i", url] + outputs))
    }
}

/// One that prints a line for each frame that arrives.
struct FFmpegViewer {
    let program: RunningProgram

    /// Waits until the last frame of each track has come, and ends it.
    func recording(toTheEndOf sent: Recording, within bound: Duration = .seconds(20)) async throws -> Recording {
        defer { program.end() }
        var recording = Recording([])
        for (kind, log) in [("video", program.output), ("audio", program.errors)] {
            guard let last = sent.hashes(kind).last else { continue }
            let lines: [String]
            do {
                lines = try await log.wait(for: "the last frame of \(kind)", within: bound) { lines in
                    lines.contains { $0.hasSuffix("\(last)\n") }
                }
            } catch {
                throw WaitExpired(description: "\(error); ffmpeg complained: \(program.errors.events.suffix(5))")
            }
            recording.add(Recording(lines))
        }
        return recording
    }
}
