import Glibc

/// Texts as exec wants them: an array of C strings with NULL at its end.
struct CStringArray: ~Copyable {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        pointers = .allocate(capacity: count + 1)
        // Safe: the array has room for every text and the NULL.
        for (index, text) in texts.enumerated() { (pointers + index).initialize(to: strdup(text)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        // Safe: each text was made by strdup, and nobody keeps the array beyond the call it was made for.
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
