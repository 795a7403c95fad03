import Reactor
import Testing

@testable import Service

@Suite("The share of descriptors")
struct DescriptorShareTests {
    @Test("gives clients what is configured where it fits")
    func enough() {
        let share = DescriptorShare(wanted: 100_000, openFiles: 1_048_576, loops: 64, descriptorsPerClient: 1)
        #expect(share.clients == 100_000 && share.operators == 1_024)
    }

    @Test("never gives away more than there is", arguments: [64, 100, 256, 1_024, 65_536], [1, 4, 1_024])
    func tooFew(openFiles: Int, loops: Int) {
        let share = DescriptorShare(wanted: 10_000_000, openFiles: openFiles, loops: loops, descriptorsPerClient: 1)
        #expect(share.clients >= 1 && share.operators >= 1)
        // Of clients and operators alike, some are told that there is no place.
        let halfOpen = ConnectionPlaces.halfOpen(beside: share.clients)
        let most = share.clients + halfOpen + share.operators + 2 * share.spare
        #expect(share.spare >= 2 && most <= max(8, openFiles - 12 * loops))
    }

    @Test("is exact at the boundary")
    func boundary() {
        let share = DescriptorShare(wanted: 10_000, openFiles: 2_000, loops: 2, descriptorsPerClient: 1)
        let again = DescriptorShare(wanted: share.clients, openFiles: 2_000, loops: 2, descriptorsPerClient: 1)
        #expect(again.clients == share.clients)
        let halfOpen = ConnectionPlaces.halfOpen(beside: share.clients)
        let used = share.clients + halfOpen + share.operators + 2 * share.spare
        #expect(share.spare == 32 && (0...1).contains(2_000 - 32 - 24 - used))
        #expect(share.operators == (2_000 - 32 - 24) / 8)
    }

    @Test("counts what a client may have open besides its connection")
    func files() {
        let share = DescriptorShare(wanted: 10_000, openFiles: 2_000, loops: 2, descriptorsPerClient: 2)
        let rest = 2_000 - 32 - 24 - share.operators - 2 * share.spare
        func used(_ clients: Int) -> Int { 2 * clients + ConnectionPlaces.halfOpen(beside: clients) }
        #expect(used(share.clients) <= rest && used(share.clients + 2) > rest)
    }
}
