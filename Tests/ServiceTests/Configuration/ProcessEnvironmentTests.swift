import Glibc
import Testing

@testable import Service

@Suite("The environment of the process")
struct ProcessEnvironmentTests {
    @Test("is what the C library sees")
    func environment() {
        let environment = ProcessEnvironment.variables()
        #expect(!environment.isEmpty)
        for (name, value) in environment { #expect(getenv(name).map { String(cString: $0) } == value) }
    }
}
