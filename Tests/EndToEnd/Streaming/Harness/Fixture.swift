import Foundation
import TestKit

/// Five seconds of media, made by ffmpeg when a test first asks for them, and once for the whole run.
enum Fixture: String, CaseIterable, Sendable {
    /// H.264 and AAC, a key frame each second.
    case plain
    /// The same with B-frames.
    case bFrames
    case audioOnly
    case videoOnly
    /// H.264 and MP3.
    case mp3
    /// A key frame at the start alone.
    case longGroup
    /// H.265 alone, for FLV can have it in forms only that ffmpeg 5 does not write.
    case hevc

    /// What ffmpeg publishes.
    static let published = allCases.filter { $0 != .hevc }

    struct Media: Sendable {
        let path: String
        let sent: Recording
    }

    private static let store = FixtureStore()

    func make() async throws -> Media { try await Self.store.media(self) }

    fileprivate var arguments: [String] {
        let picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"]
        // Noise: no two frames of it are alike.
        let sound = ["-f", "lavfi", "-i", "anoisesrc=r=44100:a=0.1,aformat=channel_layouts=stereo"]
        let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25"]
        let aac = ["-c:a", "aac", "-b:a", "64k"]
        return switch self {
        case .plain: picture + sound + h264 + aac
        case .bFrames: picture + sound + h264 + ["-bf", "2"] + aac
        case .audioOnly: sound + aac
        case .videoOnly: picture + h264
        case .mp3: picture + sound + h264 + ["-c:a", "libmp3lame", "-b:a", "64k"]
        case .longGroup: picture + sound + ["-c:v", "libx264", "-preset", "ultrafast", "-g", "1000"] + aac
        case .hevc:
            picture + ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:aud=1:keyint=25"]
        }
    }
}

private actor FixtureStore {
    private var made: [Fixture: Task<Fixture.Media, any Error>] = [:]

    func media(_ fixture: Fixture) async throws -> Fixture.Media {
        if let task = made[fixture] { return try await task.value }
        let task = Task {
            let path = "\(FixtureFolder.path)/\(fixture.rawValue).\(fixture == .hevc ? "hevc" : "flv")"
            let result = try await RunningProgram.run(
                FFmpeg.path, FFmpeg.quiet + fixture.arguments + ["-t", "5", path], within: .seconds(60))
            guard result.exit == .status(0) else { throw WaitExpired(description: "ffmpeg: \(result.errors)") }
            return Fixture.Media(path: path, sent: try await FFmpeg.record(file: path))
        }
        made[fixture] = task
        return try await task.value
    }
}

/// Removed when the run ends.
private enum FixtureFolder {
    static let path: String = {
        let path = NSTemporaryDirectory() + "sluice-fixtures-\(getpid())"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: FixtureFolder.path) }
        return path
    }()
}
