import Testing

@testable import Service

@Suite("The nearest name")
struct NearestNameTests {
    @Test(
        "counts edits: one for a letter more, less or other, one for two neighbours swapped",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "ab", 1), ("abc", "abxc", 1),
            ("abc", "axc", 1), ("abc", "acb", 1), ("abcd", "badc", 2), ("ca", "abc", 3), ("kitten", "sitting", 3),
        ])
    func edits(first: String, second: String, expected: Int) {
        #expect(NearestName.edits(from: Array(first.utf8), to: Array(second.utf8)) == expected)
        #expect(NearestName.edits(from: Array(second.utf8), to: Array(first.utf8)) == expected)
    }

    @Test("is the one with the most in common, where all are far")
    func closest() {
        #expect(NearestName.closest(to: "logfile", among: ["listen", "loops", "srs_log_file"]) == "srs_log_file")
        #expect(NearestName.closest(to: "", among: ["a"]) == "a")
        #expect(NearestName.closest(to: "a", among: []) == nil)
        #expect(NearestName.closest(to: String(repeating: "a", count: 65), among: ["a"]) == nil)
    }
}
