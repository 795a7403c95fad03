/// Finds what a mistyped name was meant to be.
package enum NearestName {
    /// Longer names get no suggestion: the work grows with the square of the length.
    private static let maximumLength = 64

    /// The known name that `name` is the beginning of, where there is one such. Otherwise the one with the fewest edits
    /// to `name`, the first of those that are equally near; nil where all are further away than a quarter of what
    /// follows `prefix`, which they share.
    package static func of(_ name: String, among known: [String], prefix: String) -> String? {
        let typed = Array(name.utf8.dropFirst(prefix.utf8.count))
        guard !typed.isEmpty, typed.count <= maximumLength else { return nil }
        let completions = known.filter { $0.hasPrefix(name) }
        if completions.count == 1 { return completions[0] }
        var nearest: (name: String, edits: Int)?
        for candidate in known {
            let meant = Array(candidate.utf8.dropFirst(prefix.utf8.count))
            let maximum = min(max(1, meant.count / 4), (nearest?.edits ?? .max) - 1)
            // Each letter more or less is an edit: most candidates need no further look.
            guard abs(meant.count - typed.count) <= maximum else { continue }
            let edits = self.edits(from: typed, to: meant)
            if edits <= maximum { nearest = (candidate, edits) }
        }
        return nearest?.name
    }

    /// The known name that has the most letters in common with `name`, in the same order and by the length of both,
    /// however different they are; nil for a name that is too long.
    package static func closest(to name: String, among known: [String]) -> String? {
        let typed = Array(name.utf8)
        guard typed.count <= maximumLength else { return nil }
        func likeness(_ candidate: String) -> Double {
            let letters = Array(candidate.utf8)
            return Double(common(typed, letters)) / Double(max(typed.count + letters.count, 1))
        }
        return known.map { (name: $0, likeness: likeness($0)) }.max { $0.likeness < $1.likeness }?.name
    }

    /// How many letters are in both in the same order.
    static func common(_ typed: [UInt8], _ meant: [UInt8]) -> Int {
        var last = Array(repeating: 0, count: meant.count + 1)
        for letter in typed {
            var current = [0]
            for (column, other) in meant.enumerated() {
                current.append(letter == other ? last[column] + 1 : max(last[column + 1], current[column]))
            }
            last = current
        }
        return last[meant.count]
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other (optimal string
    /// alignment: no part is edited twice).
    static func edits(from typed: [UInt8], to meant: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...meant.count)
        for row in typed.indices {
            var current = [row + 1]
            for column in meant.indices {
                let replaced = last[column] + (typed[row] == meant[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, typed[row] == meant[column - 1], typed[row - 1] == meant[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[meant.count]
    }
}
