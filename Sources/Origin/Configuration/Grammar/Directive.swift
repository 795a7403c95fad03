/// One directive as it was written: `name argument …;` or `name argument … { … }`.
package struct Directive: Sendable, Equatable {
    package struct Argument: Sendable, Equatable {
        /// Without quotes; never empty.
        package let text: String
        package let place: SourcePlace

        package init(_ text: String, at place: SourcePlace) {
            self.text = text
            self.place = place
        }
    }

    package let name: String
    /// Of its first character.
    package let place: SourcePlace
    package let arguments: [Argument]
    /// What stands between its braces; nil where it has none.
    package let block: [Directive]?

    package init(_ name: String, at place: SourcePlace, arguments: [Argument], block: [Directive]?) {
        self.name = name
        self.place = place
        self.arguments = arguments
        self.block = block
    }

    /// The first directive of its block with the name: of several, SRS takes the first.
    package func child(_ name: String) -> Directive? { block?.first { $0.name == name } }
}
