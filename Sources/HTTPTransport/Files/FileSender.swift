import Bytes
import HTTP
import Reactor

/// Sends a body that is made of pieces of a file, at the pace of the client.
///
/// At most one piece is being read, and none while the output is blocked: what a connection holds is one piece besides
/// its output. It ends with the exchange, also when the client goes away. A file that turns out shorter than it was
/// breaks the connection off, for its length has been promised.
final class FileSender {
    enum Segment {
        /// What stands around the parts of a multipart body.
        case frame(SharedBytes)
        /// A range of the file.
        case content(Range<Int>)

        var count: Int {
            switch self {
            case .frame(let bytes): bytes.count
            case .content(let range): range.count
            }
        }
    }

    private let exchange: HTTPExchange
    private let content: StaticFile.Content
    private let io: FileIO?
    private let pieceBytes: Int
    /// What is still to be sent, the first one last.
    private var segments: [Segment]
    /// A read is under way, or a wait before the next try.
    private var isReading = false

    init(
        _ exchange: HTTPExchange, _ content: StaticFile.Content, _ segments: [Segment], io: FileIO?, pieceBytes: Int
    ) {
        self.exchange = exchange
        self.content = content
        self.io = io
        self.pieceBytes = pieceBytes
        self.segments = segments.reversed()
    }

    /// Begins; the exchange keeps this sender until its end.
    func start() {
        exchange.onDrain = { self.goOn() }
        goOn()
    }

    private func goOn() {
        while !isReading, !exchange.isOver, !exchange.isBlocked {
            guard let segment = segments.popLast() else { return exchange.end() }
            switch segment {
            case .frame(let bytes): exchange.write(bytes)
            case .content(let range): send(range)
            }
        }
    }

    private func send(_ range: Range<Int>) {
        let piece = range.lowerBound..<min(range.upperBound, range.lowerBound + pieceBytes)
        if piece.upperBound < range.upperBound { segments.append(.content(piece.upperBound..<range.upperBound)) }
        guard !piece.isEmpty else { return }
        switch content {
        case .memory(let bytes): exchange.write(bytes[piece])
        case .file(let file): read(file, piece)
        }
    }

    private func read(_ file: ReadableFile, _ piece: Range<Int>) {
        guard let io, let loop = exchange.loop else { return exchange.breakOff() }
        isReading = true
        io.run(.read(file, from: UInt64(piece.lowerBound), count: piece.count), on: loop) { result in
            self.isReading = false
            switch result {
            case .success(let bytes) where bytes.count == piece.count:
                self.exchange.write(bytes)
                self.goOn()
            case .failure(let error) where error.cause == .overloaded:
                self.segments.append(.content(piece))
                self.wait(on: loop)
            case .success, .failure: self.exchange.breakOff()
            }
        }
    }
}

// MARK: - Overload

extension FileSender: TimerTarget {
    /// All threads are busy and so many reads wait that no more may: a download under way is worth another try.
    private func wait(on loop: EventLoop) {
        isReading = true
        _ = loop.arm(after: .milliseconds(20), self)
    }

    func timerFired(_ token: UInt32) {
        isReading = false
        goOn()
    }
}
