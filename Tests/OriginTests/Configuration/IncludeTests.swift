import Origin
import Testing

@Suite("An include")
struct IncludeTests {
    private func names(_ directives: [Directive]) -> [String] {
        directives.flatMap { [$0.name] + names($0.block ?? []) }
    }

    @Test("stands for what the files hold, in the root and in blocks")
    func places() {
        let read = files(["a.conf": "a; include b.conf ./c.conf; d { include e.conf; }", "b.conf": "b;"])
        let tree = DirectiveTree(path: "a.conf") { path in
            switch path {
            case "./c.conf": .success(Array("c;".utf8))
            case "e.conf": .success(Array("e; include b.conf;".utf8))
            default: read(path)
            }
        }
        #expect(tree.faults == [])
        #expect(names(tree.directives) == ["a", "b", "c", "d", "e", "b"])
        #expect(tree.directives.map(\.place.file) == ["a.conf", "b.conf", "./c.conf", "a.conf"])
    }

    @Test("that cannot be read is told with its place, and the rest is read")
    func missing() {
        let tree = DirectiveTree(path: "a.conf", read: files(["a.conf": "a;\ninclude *.conf;\nb;"]))
        #expect(tree.faults.map(\.description) == [#"a.conf:2:9: cannot read "*.conf": No such file or directory"#])
        #expect(names(tree.directives) == ["a", "b"])
        let nothing = DirectiveTree(path: "a.conf", read: files([:]))
        #expect(nothing.faults.map(\.description) == [#"a.conf:1:1: cannot read "a.conf": No such file or directory"#])
    }

    @Test("has no block")
    func block() {
        let tree = DirectiveTree(path: "a.conf", read: files(["a.conf": "include b { c; } d;", "b": "b;"]))
        #expect(tree.faults.map(\.description) == [#"a.conf:1:11: include: expected ";" after the paths, found "{""#])
        #expect(names(tree.directives) == ["d"])
    }

    @Test("of a file in itself is told with the way there")
    func cycle() {
        let all = ["a.conf": "include b.conf;", "b.conf": "b; include c.conf;", "c.conf": "\n include ./a.conf;"]
        let tree = DirectiveTree(path: "a.conf", read: files(all))
        #expect(
            tree.faults.map(\.description) == [
                "c.conf:2:10: a file includes itself: a.conf > b.conf > c.conf > ./a.conf"
            ])
        let same = ["/etc/a": "include /etc/./a; include a;", "a": "b;"]
        #expect(
            DirectiveTree(path: "/etc/a", read: files(same)).faults.map(\.description) == [
                "/etc/a:1:9: a file includes itself: /etc/a > /etc/./a"
            ])
    }

    @Test("is bounded in depth and number, whatever the names")
    func bounds() {
        var next = 0
        let chain = DirectiveTree(path: "f") { _ in
            next += 1
            return .success(Array("include f\(next);".utf8))
        }
        #expect(chain.faults.map(\.kind) == [.includedTooDeep(maximum: 8)])
        #expect(next == 8)
        var reads = 0
        let many = DirectiveTree(path: "f") { path in
            reads += 1
            return .success(Array((path == "f" ? String(repeating: "include g;", count: 1_000) : "a;").utf8))
        }
        #expect(many.faults.map(\.kind) == [.tooManyFiles(maximum: 64)])
        #expect(reads == 65)
        // Eight to the power of eight, if nobody counted.
        var depth = 0
        let tree = DirectiveTree(path: "f") { _ in
            depth += 1
            return .success(Array((0..<8).map { "include f\(depth)\($0);" }.joined().utf8))
        }
        #expect(tree.faults.count == 20 && tree.furtherFaults > 0)
        #expect(depth <= 65)
    }

    @Test("counts towards the number of directives")
    func directives() {
        var limits = DirectiveLimits()
        limits.maximumDirectives = 10
        let read = files(["a": "include b b;", "b": "1;2;3;4;5;"])
        #expect(
            DirectiveTree(path: "a", limits: limits, read: read).faults.map(\.kind) == [.tooManyDirectives(maximum: 10)]
        )
    }
}
