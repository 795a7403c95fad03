import Bytes

func compareQueue(_ choices: inout Choices) throws(Mismatch) {
    // Small bounds meet the bound often, large ones let it grow.
    let maximum = choices.number() * (choices.number() % 9)
    var model: [UInt8] = []
    var queue = ByteQueue(maximum: maximum)
    while let choice = choices.next() {
        switch choice % 8 {
        case 0...3:
            let bytes = choices.run(choices.number())
            let fits = model.count + bytes.count <= maximum
            if fits { model += bytes }
            try agree(queue.append(bytes.rawSpan), fits, "append of \(bytes.count) to \(model.count) of \(maximum)")
        case 4...6:
            let count = min(choices.number(), model.count)
            model.removeFirst(count)
            queue.consume(count)
        default:
            model = []
            queue.removeAll()
        }
        try agree(queue.count, model.count, "count")
        try agree(queue.isEmpty, model.isEmpty, "isEmpty")
        try agree(Array(copying: queue.readable), model, "readable")
        try agree(queue.allocated <= max(2 * maximum, 256), true, "\(queue.allocated) bytes held for \(maximum)")
        if model.isEmpty { try agree(queue.allocated, 0, "memory of an empty queue") }
    }
}
