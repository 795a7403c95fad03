extension String {
    /// The UTF-8 code units.
    package var bytes: [UInt8] { Array(utf8) }
}
