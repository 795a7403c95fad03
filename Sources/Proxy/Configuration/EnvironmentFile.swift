import Bytes

/// The contents of a `.env` file: lines of `NAME=value`.
///
/// ```
/// line  = [ "export" blank ] name [ blank ] "=" [ blank ] value [ blank ] [ blank "#" anything ]
/// name  = letter or "_", then letters, digits and "_"
/// value = "'" anything but "'" "'"                                   as it stands
///       | '"' anything but '"', with \n \r \t \" \\ \$ '"'           escapes replaced
///       | anything up to a blank before "#", or the end              as it stands, blanks around it left out
/// ```
/// Lines end with LF or CRLF; empty ones and those that begin with `#` say nothing. A byte order mark is skipped.
/// Nothing is expanded: `$HOME` is five characters. Where a name is set twice, the later line holds.
package struct EnvironmentFile: Sendable, Equatable {
    package struct Limits: Sendable {
        /// A larger file is refused.
        package var maximumBytes = 64 * 1024
        /// Malformed lines that are told one by one; of the others only the number.
        package var maximumMalformedLines = 20

        package init() {}
    }

    package struct Entry: Sendable, Equatable {
        package let name: String
        package let value: String
        /// Counted from 1.
        package let line: Int
    }

    package struct MalformedLine: Sendable, Equatable {
        /// Counted from 1.
        package let line: Int
        package let fault: Fault
    }

    /// In the order of the file.
    package private(set) var entries: [Entry] = []
    package private(set) var malformed: [MalformedLine] = []
    /// Malformed lines beyond those in `malformed`.
    package private(set) var furtherMalformed = 0

    package init(parsing bytes: RawSpan, limits: Limits = Limits()) throws(EnvironmentFileTooLarge) {
        guard bytes.byteCount <= limits.maximumBytes else {
            throw EnvironmentFileTooLarge(maximumBytes: limits.maximumBytes)
        }
        var start = bytes.byteCount >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
        var number = 0
        while start < bytes.byteCount {
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? bytes.byteCount
            number += 1
            let isCRLF = end > start && bytes[end - 1] == UInt8(ascii: "\r")
            take(bytes.extracting(start..<(isCRLF ? end - 1 : end)), number: number, limits: limits)
            start = end + 1
        }
    }

    private mutating func take(_ line: RawSpan, number: Int, limits: Limits) {
        do throws(Fault) {
            guard let (name, value) = try EnvironmentLine.parse(line) else { return }
            entries.append(Entry(name: name, value: value, line: number))
        } catch {
            if malformed.count < limits.maximumMalformedLines {
                malformed.append(MalformedLine(line: number, fault: error))
            } else {
                furtherMalformed += 1
            }
        }
    }
}

package struct EnvironmentFileTooLarge: Error, Equatable {
    package let maximumBytes: Int
}

extension EnvironmentFile {
    /// What is wrong with a line; the words show nothing of it, for it may hold a password.
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case notUTF8
        case controlCharacter
        case malformedName
        case missingEquals
        case unclosedQuote
        case textAfterQuote
        case unknownEscape

        package var description: String {
            switch self {
            case .notUTF8: "is not UTF-8"
            case .controlCharacter: "has a control character other than a tab"
            case .malformedName: "has no name of letters, digits and underscores, not beginning with a digit"
            case .missingEquals: #"has no "=" after the name"#
            case .unclosedQuote: "has a quote that is not closed on the line"
            case .textAfterQuote: ##"has text after the closing quote; a comment is a blank and "#""##
            case .unknownEscape: #"has an escape other than \n, \r, \t, \", \\ and \$ between double quotes"#
            }
        }
    }
}
