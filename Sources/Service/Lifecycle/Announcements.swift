/// What others are told when a program goes. Both run on its first loop.
package struct Announcements {
    /// Nothing new is wanted any more.
    let leaving: () -> Void
    /// It is no more. What it is given runs when all have been told, or cannot be told in time: once, and never inside
    /// the call.
    let gone: (@escaping () -> Void) -> Void

    package init(leaving: @escaping () -> Void, gone: @escaping (@escaping () -> Void) -> Void) {
        self.leaving = leaving
        self.gone = gone
    }
}
