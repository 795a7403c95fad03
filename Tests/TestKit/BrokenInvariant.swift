/// Something that must hold for every input did not.
package struct BrokenInvariant: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Throws what `description` says unless `condition` holds.
package func require(_ condition: Bool, _ description: @autoclosure () -> String) throws(BrokenInvariant) {
    guard condition else { throw BrokenInvariant(description()) }
}
