import Bytes
import RTMP

/// The bytes that hexadecimal digits name; blanks and line ends are there for the reader.
func hex(_ digits: String) -> [UInt8] {
    let values = digits.compactMap(\.hexDigitValue)
    precondition(values.count % 2 == 0, "two digits for each byte")
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func readAMF0(_ bytes: [UInt8], limits: AMFLimits = AMFLimits()) throws(AMFError) -> [AMF0Value] {
    var reader = AMFReader(bytes.rawSpan, limits: limits)
    var values: [AMF0Value] = []
    while !reader.isAtEnd { values.append(try reader.value()) }
    return values
}

func readAMF3(_ bytes: [UInt8], limits: AMFLimits = AMFLimits()) throws(AMFError) -> [AMF3Value] {
    var reader = AMFReader(bytes.rawSpan, limits: limits)
    var values: [AMF3Value] = []
    while !reader.isAtEnd { values.append(try reader.value3()) }
    return values
}

func write(_ values: AMF0Value...) throws(AMFError) -> [UInt8] {
    var output = ByteWriter()
    for value in values { try value.append(to: &output) }
    return Array(copying: output.bytes)
}

func write(_ values: AMF3Value...) throws(AMFError) -> [UInt8] {
    var output = ByteWriter()
    for value in values { try value.append(to: &output) }
    return Array(copying: output.bytes)
}
