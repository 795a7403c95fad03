/// A password, token or key: it prints as `<redacted>` everywhere, and only `reveal()` gives the value.
///
/// String interpolation, `dump`, `Mirror`, log fields and the printing of a value that contains it are all covered.
/// It has no `==`, for comparing secrets byte by byte tells an attacker how many bytes were right.
package struct Secret<Value> {
    private let value: Value

    package init(_ value: Value) { self.value = value }

    /// The value itself: for the one place that sends or checks it.
    package func reveal() -> Value { value }
}

extension Secret: Sendable where Value: Sendable {}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable, LogConvertible {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
    package var logValue: LogValue { .redacted }
}
