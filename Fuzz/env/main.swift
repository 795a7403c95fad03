import Bytes
import FuzzDriver
import Proxy

/// The text of an entry in its plainest form: between double quotes, escaped.
func line(_ entry: EnvironmentFile.Entry) -> String {
    var text = "\(entry.name)=\""
    for scalar in entry.value.unicodeScalars {
        switch scalar {
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text + "\""
}

// Whatever is read can be written so that the same is read again, on the same lines; and nothing traps.
fuzz { input in
    guard let file = try? EnvironmentFile(parsing: input.rawSpan) else { return }
    var lines: [String] = []
    for entry in file.entries {
        while lines.count + 1 < entry.line { lines.append("#") }
        lines.append(line(entry))
    }
    let written = lines.joined(separator: "\n")
    var limits = EnvironmentFile.Limits()
    // An escape is longer than what it stands for, and names of lines are not.
    limits.maximumBytes = 4 * input.count + 1_024
    guard let again = try? EnvironmentFile(parsing: Array(written.utf8).rawSpan, limits: limits) else {
        fatalError("too large: \(written.utf8.count) bytes of \(input.count)")
    }
    guard again.malformed.isEmpty, again.entries == file.entries else {
        fatalError("\(file.entries) became \(again.entries), \(again.malformed)")
    }
    _ = try? ProxyConfiguration.parse(environment: [:], file: .contents(path: ".env", bytes: input))
}
