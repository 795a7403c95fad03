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
        let most = share.clients + share.operators + 2 * share.spare
        #expect(share.spare >= 2 && most <= max(6, openFiles - 12 * loops))
    }

    @Test("is exact at the boundary")
    func boundary() {
        let share = DescriptorShare(wanted: 10_000, openFiles: 2_000, loops: 2, descriptorsPerClient: 1)
        let again = DescriptorShare(wanted: share.clients, openFiles: 2_000, loops: 2, descriptorsPerClient: 1)
        #expect(again.clients == share.clients)
        #expect(share.spare == 32 && share.clients + share.operators + 2 * share.spare == 2_000 - 32 - 24)
        #expect(share.operators == (2_000 - 32 - 24) / 8)
    }

    @Test("counts what a client may have open besides its connection")
    func files() {
        let share = DescriptorShare(wanted: 10_000, openFiles: 2_000, loops: 2, descriptorsPerClient: 2)
        let rest = 2_000 - 32 - 24 - share.operators - 2 * share.spare
        #expect(2 * share.clients <= rest && 2 * (share.clients + 1) > rest)
    }
}
