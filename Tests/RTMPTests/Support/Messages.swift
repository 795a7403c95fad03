import Bytes
import RTMP

func command(_ bytes: [UInt8], _ encoding: MessageEncoding = .amf0) throws(CommandError) -> Command {
    try Command(parsing: bytes.rawSpan, encoding)
}

func data(_ bytes: [UInt8], _ encoding: MessageEncoding = .amf0) throws(CommandError) -> DataMessage {
    try DataMessage(parsing: bytes.rawSpan, encoding)
}

func write(_ command: Command) throws(AMFError) -> [UInt8] {
    var output = ByteWriter()
    try command.append(to: &output)
    return Array(copying: output.bytes)
}

func write(_ message: DataMessage) throws(AMFError) -> [UInt8] {
    var output = ByteWriter()
    try message.append(to: &output)
    return Array(copying: output.bytes)
}
