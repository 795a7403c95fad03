import Bytes
import RTMP
import TestKit

/// A command is written as it was read, and what is known of it says the same as the command.
func checkCommand(_ bytes: [UInt8], _ encoding: MessageEncoding) throws(BrokenInvariant) {
    guard let command = try read(bytes, encoding) else { return }
    let written = try write(command)
    guard let again = try read(written, encoding) else { throw BrokenInvariant("\(command) is not read again") }
    let twice = try write(again)
    try require(twice == written, "\(command) is read again as \(again)")
    _ = Status(command).map { ($0.code, $0.level, $0.description, $0.codeText) }
    _ = command.createdStreamID
    guard let request = try? ClientCommand(command) else { return }
    if case .connect(let connect) = request { checkAccessors(connect) }
    guard let made = request.command(transaction: 1, encoding: encoding) else { return }
    let remade: Command?
    do throws(CommandError) {
        remade = try ClientCommand(made).command(transaction: 1, encoding: encoding)
    } catch {
        throw BrokenInvariant("\(made) is refused: \(error)")
    }
    let first = try write(made)
    let second = try remade.map { command throws(BrokenInvariant) in try write(command) }
    try require(first == second, "\(made) is made again as \(String(describing: remade))")
}

private func read(_ bytes: [UInt8], _ encoding: MessageEncoding) throws(BrokenInvariant) -> Command? {
    do throws(CommandError) {
        return try Command(parsing: bytes.rawSpan, encoding, limits: tightLimits)
    } catch .malformed(let error) {
        try checkError(error, count: bytes.count)
        return nil
    } catch {
        return nil
    }
}

private func write(_ command: Command) throws(BrokenInvariant) -> [UInt8] {
    var output = ByteWriter()
    do { try command.append(to: &output) } catch { throw BrokenInvariant("\(command) is not written: \(error)") }
    return Array(copying: output.bytes)
}

/// None of them may trap, whatever the properties are.
private func checkAccessors(_ connect: ConnectRequest) {
    _ = (connect.app, connect.tcUrl, connect.flashVer, connect.swfUrl, connect.pageUrl, connect.type)
    _ = (connect.fpad, connect.capabilities, connect.audioCodecs, connect.videoCodecs, connect.videoFunction)
    _ = (connect.objectEncoding, connect.fourCcList, connect.capsEx)
    _ = (connect.videoFourCcInfoMap, connect.audioFourCcInfoMap)
}

/// A data message is written as it was read; for players and back it is the same.
func checkData(_ bytes: [UInt8], _ encoding: MessageEncoding) throws(BrokenInvariant) {
    guard let message = try readData(bytes, encoding) else { return }
    let written = try write(message)
    guard let again = try readData(written, encoding) else { throw BrokenInvariant("\(message) is not read again") }
    let twice = try write(again)
    try require(twice == written, "\(message) is read again as \(again)")
    if let players = message.forPlayers, let framed = players.asDataFrame.forPlayers {
        let (direct, unframed) = (try write(players), try write(framed))
        // What was framed twice is a frame for players, too, and loses one frame at a time.
        try require(direct == unframed || players.name.equals("@setDataFrame"), "\(players) becomes \(framed)")
    }
    if let metadata = message.metadata {
        _ = (metadata.width, metadata.height, metadata.frameRate, metadata.videoDataRate, metadata.audioDataRate)
        _ = (metadata.audioSampleRate, metadata.audioChannels, metadata.isStereo, metadata.duration)
        _ = (metadata.encoder, metadata.videoCodec?.value, metadata.audioCodec?.value)
    }
}

private func readData(_ bytes: [UInt8], _ encoding: MessageEncoding) throws(BrokenInvariant) -> DataMessage? {
    do throws(CommandError) {
        return try DataMessage(parsing: bytes.rawSpan, encoding, limits: tightLimits)
    } catch .malformed(let error) {
        try checkError(error, count: bytes.count)
        return nil
    } catch {
        return nil
    }
}

private func write(_ message: DataMessage) throws(BrokenInvariant) -> [UInt8] {
    var output = ByteWriter()
    do { try message.append(to: &output) } catch { throw BrokenInvariant("\(message) is not written: \(error)") }
    return Array(copying: output.bytes)
}
