/// The objects and arrays of a message in the order in which they begin, for references to name them.
///
/// It is as long as the message has objects, which the limits bound.
struct AMFReferences<Value> {
    private enum Entry {
        case open
        case whole(Value, AMFBudget.Cost)
    }

    private var entries: [Entry] = []

    /// The place of the object that begins now.
    mutating func open() -> Int {
        entries.append(.open)
        return entries.count - 1
    }

    mutating func close(_ place: Int, _ value: Value, _ cost: AMFBudget.Cost) { entries[place] = .whole(value, cost) }

    /// The object called `index`, once it is whole: naming one that is still open would make a value without end.
    func find(_ index: Int, offset: Int) throws(AMFError) -> (value: Value, cost: AMFBudget.Cost) {
        guard index < entries.count else { throw .unknownReference(index, offset: offset) }
        switch entries[index] {
        case .open: throw .cyclicReference(offset: offset)
        case .whole(let value, let cost): return (value, cost)
        }
    }
}
