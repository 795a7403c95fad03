import Media

/// The aggregate message that a session takes apart, one message of media at a time.
struct OpenedAggregate {
    private var reader: AggregateReader?
    /// Messages in aggregates that are no media.
    private(set) var droppedMessages = 0

    mutating func open(_ message: Message) { reader = AggregateReader(message) }

    /// Nil where no aggregate is open, and at the end of one.
    mutating func next() throws(SessionError) -> (MediaKind, Message)? {
        while reader != nil {
            let message: Message?
            do { message = try reader?.next() } catch { throw .aggregate(error) }
            guard let message else {
                reader = nil
                return nil
            }
            if let kind = message.header.type.mediaKind { return (kind, message) }
            droppedMessages += 1
        }
        return nil
    }
}
