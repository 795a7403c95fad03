/// Counts what the values of a message cost, against the limits.
struct AMFBudget {
    let limits: AMFLimits
    private var values = 0
    private var bytes = 0
    /// Objects and arrays that are open now.
    private var depth = 0
    /// The deepest level since the innermost open one began.
    private var deepest = 0

    init(limits: AMFLimits) { self.limits = limits }

    mutating func addValue() throws(AMFError) { try add(values: 1) }

    /// `more` values are announced: whether they could be read at all is known before the first.
    func expect(values more: Int) throws(AMFError) {
        guard more <= limits.maximumValues - values else { throw .tooManyValues(maximum: limits.maximumValues) }
    }

    mutating func add(bytes more: Int) throws(AMFError) {
        guard more <= limits.maximumBytes - bytes else { throw .tooManyBytes(maximum: limits.maximumBytes) }
        bytes += more
    }

    private mutating func add(values more: Int) throws(AMFError) {
        try expect(values: more)
        values += more
    }
}

// MARK: - What a value costs that may be named again

extension AMFBudget {
    /// What a finished object or array has cost: naming it again costs the same.
    struct Cost {
        let values: Int
        let bytes: Int
        let levels: Int
    }

    /// The state at the start of an object or array.
    struct Mark {
        fileprivate let values: Int
        fileprivate let bytes: Int
        fileprivate let deepest: Int
    }

    /// Goes one level down; every `enter` that returns is followed by `leave`, or by the end of the reading.
    mutating func enter() throws(AMFError) -> Mark {
        guard depth < limits.maximumDepth else { throw .tooDeep(maximum: limits.maximumDepth) }
        let mark = Mark(values: values, bytes: bytes, deepest: deepest)
        depth += 1
        deepest = depth
        return mark
    }

    mutating func leave(_ mark: Mark) -> Cost {
        depth -= 1
        let cost = Cost(values: values - mark.values, bytes: bytes - mark.bytes, levels: deepest - depth)
        deepest = max(deepest, mark.deepest)
        return cost
    }

    mutating func repeatCost(_ cost: Cost) throws(AMFError) {
        guard cost.levels <= limits.maximumDepth - depth else { throw .tooDeep(maximum: limits.maximumDepth) }
        try add(values: cost.values)
        try add(bytes: cost.bytes)
        deepest = max(deepest, depth + cost.levels)
    }
}
