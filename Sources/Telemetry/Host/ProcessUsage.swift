/// What a process has used: `/proc/self/stat`, proc(5).
package struct ProcessUsage: Sendable, Equatable {
    package let parent: Int
    /// In user and kernel mode, in ticks.
    package let ticks: UInt64
    /// Resident memory.
    package let pages: Int

    package init?(_ text: String) {
        // Counted after the last parenthesis: the program's name may hold spaces and parentheses.
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        // The state is field 3 of the line.
        guard fields.count > 21, let parent = Int(fields[1]), let user = UInt64(fields[11]),
            let system = UInt64(fields[12]), let pages = Int(fields[21])
        else { return nil }
        self.parent = parent
        ticks = user &+ system
        self.pages = max(pages, 0)
    }
}
