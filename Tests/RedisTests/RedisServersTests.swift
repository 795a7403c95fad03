import Bytes
import LoopKit
import Redis
import TestKit
import Testing

@Suite("The servers of the tests", .ownThread)
struct RedisServersTests {
    @Test("are those of each kind that is installed", arguments: RedisProgram.installed)
    func programs(program: RedisProgram) throws {
        let server = try RedisServer(program: try #require(program.path))
        #expect(try server.words("PING") == ["PONG"])
        #expect(try server.words("EVAL \"return {1, {KEYS[1]}, false}\" 1 key") == ["1", "key", ""])
    }

    @Test(
        "are all there where there are the packages of the tests",
        .enabled(if: RedisProgram.hasPackages, "no SLUICE_PYTHON_PACKAGES, which ./dev test sets"))
    func all() { #expect(RedisProgram.installed == RedisProgram.allCases) }

    @Test("fail over under sentinels")
    func sentinels() throws {
        let servers = try RedisSentinels(password: "hidden", sentinelPassword: "other")
        let first = try servers.killPrimary()
        let second = try servers.waitForAnother(than: first)
        #expect(try second.words("SET key value", password: "hidden") == ["OK"])
    }

    @Test(
        "are a cluster, of which slots move and primaries die",
        arguments: RedisProgram.installed.filter { $0 != .redis6 })
    func cluster(program: RedisProgram) throws {
        let cluster = try RedisCluster(password: "hidden", program: try #require(program.path))
        let slot = Int(RedisSlot(of: "{a}1".bytes.rawSpan).number)
        let source = try cluster.primary(of: slot)
        _ = try source.words("SET {a}1 value", password: "hidden")
        let target = try #require(try cluster.primaries.first { $0 !== source })
        try cluster.beginMove(slot, to: target)
        #expect(throws: RedisSays.self) { try source.words("GET {a}2", password: "hidden") }
        try cluster.moveKeys(of: slot, to: target)
        try cluster.endMove(slot, to: target)
        #expect(try target.words("GET {a}1", password: "hidden") == ["value"])
        target.kill()
        let heir = try cluster.waitForAnother(than: target, of: slot)
        #expect(try heir.words("SET {a}1 value", password: "hidden") == ["OK"])
    }
}
