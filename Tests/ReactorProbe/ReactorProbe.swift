import Glibc

/// A program that the tests of the reactor start, for what can only be seen from outside or in a process of one's own:
/// signals, which threads of a test runner would take, and descriptors and children that nobody else may touch.
@main
enum ReactorProbe {
    static func main() throws {
        switch CommandLine.arguments.dropFirst().first {
        case "signals": try SignalScene.play()
        case "children": try ChildScene.play()
        case "stop": try ChildScene.stopLoops()
        case "loops": try LoopScene.play()
        case "pieces": try PieceScene.play()
        default:
            say("usage: ReactorProbe signals | children | stop | loops | pieces")
            exit(2)
        }
    }
}

/// Writes a line at once, whatever the standard output is.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
}
