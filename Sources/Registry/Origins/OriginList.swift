/// Origins by name, and what places of streams depend on, side by side in memory.
package struct OriginList: Sendable {
    /// In no order.
    package private(set) var all: [Origin] = []
    /// In the same order.
    private(set) var offers: [OriginOffer] = []
    private var places: [OriginID: Int] = [:]

    package init() {}

    package subscript(id: OriginID) -> Origin? {
        get { places[id].map { all[$0] } }
        set {
            switch (places[id], newValue) {
            case (let place?, let origin?): put(origin, at: place)
            case (nil, let origin?):
                places[id] = all.count
                all.append(origin)
                offers.append(OriginOffer(origin))
            case (let place?, nil):
                places[id] = nil
                offers.removeLast()
                let last = all.removeLast()
                guard place < all.count else { return }
                put(last, at: place)
                places[last.id] = place
            case (nil, nil): return
            }
        }
    }

    private mutating func put(_ origin: Origin, at place: Int) {
        all[place] = origin
        offers[place] = OriginOffer(origin)
    }
}
