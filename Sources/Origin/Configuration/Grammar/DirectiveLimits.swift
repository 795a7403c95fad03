/// The bounds of a configuration; what is beyond them is refused with a fault that names the bound.
package struct DirectiveLimits: Sendable {
    /// Of one file.
    package var maximumFileBytes = 1 << 20
    /// Files that are read in all, each time that one is included counted.
    package var maximumFiles = 64
    /// Files that include each other in a chain, the first one counted.
    package var maximumIncludeDepth = 8
    /// Blocks in blocks. SRS's own configuration has four.
    package var maximumBlockDepth = 16
    /// Directives in all files together.
    package var maximumDirectives = 10_000
    /// Of one directive.
    package var maximumArguments = 256
    /// Of one name or argument.
    package var maximumWordBytes = 4_096
    /// Faults that are told one by one; of the others only the number.
    package var maximumFaults = 20

    package init() {}
}
