"""Lint's own tests: a clean tree passes, and each rule finds the violation planted for it, at its line."""

import os
import subprocess
import sys
import tempfile
import unittest

import lint
from swift_source import Source

HERE = os.path.dirname(os.path.abspath(__file__))

TABLE = "| File | Type | Why it is safe |\n|---|---|---|\n"

CLEAN = {
    "Package.swift": """\
let package = Package(
    targets: [
        .target(name: "Bytes", swiftSettings: core),
        .target(name: "HTTP", dependencies: ["Bytes"], swiftSettings: core),
        .executableTarget(name: "sluice-proxy", dependencies: ["Proxy"]),
    ]
)
""",
    "Sources/Bytes/Shared.swift": """\
/// Shared by all; "public" and import Glibc are only words here.
package final class Storage: @unchecked Sendable {
    // Safe: never written after init.
    package let count = 0
}
""",
    "Sources/HTTP/Parser.swift": 'package import Bytes\n\nlet text = "import Glibc; public func f() { Task.sleep }"\n',
    "Sources/Reactor/Loop.swift": "import CLinux\nimport Glibc\nimport Telemetry\n",
    "Sources/Proxy/Server.swift": "import HTTPTransport\nimport FoundationEssentials\n",
    "Sources/sluice-proxy/main.swift": "import Proxy\n",
    "Tests/HTTPTests/ParserTests.swift": "import Foundation\nimport HTTP\n",
    "ARCHITECTURE.md": TABLE + "| `Sources/Bytes/Shared.swift` | `Storage` | never written after init |\n",
    "dev": "#!/usr/bin/env bash\n",
}


def function(lines):
    """A Swift function of so many lines, braces in text and comments included."""
    return "func long() {\n" + '    // {\n    let brace = "{ \\(count("}")) {"\n' + "\n" * (lines - 4) + "}\n"


class Tree(unittest.TestCase):
    def findings(self, changes):
        """`path:line message` of each finding in the clean tree with `changes`; None takes a file away."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**CLEAN, **changes}.items():
                if text is None:
                    continue
                path = os.path.join(root, path)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            return [f"{path}:{line} {message}" for path, line, message in lint.findings(root)]

    def assert_found(self, changes, *places):
        """Each of `places` (`path:line part of the message`) is found, and nothing else."""
        found = self.findings(changes)
        self.assertEqual(len(found), len(places), found)
        for place in places:
            where, part = place.split(" ", 1)
            self.assertTrue(any(f.startswith(where + " ") and part in f for f in found), f"{place} not in {found}")


class CleanTree(Tree):
    def test_passes(self):
        self.assertEqual(self.findings({}), [])


class Arrows(Tree):
    def test_a_core_sees_no_system_module_no_shell_and_no_other_core(self):
        modules = ["Glibc", "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Reactor", "RTMP"]
        for core in ["Bytes", "Media", "HTTP", "SRTWire", "RTC", "Muxing", "Balancing"]:
            for module in modules:
                path = f"Sources/{core}/Planted.swift"
                self.assert_found({path: f"// first\nimport {module}\n"}, f"{path}:2 {core} may not import {module}")

    def test_proxy_and_origin_never_meet(self):
        for own, other in [("Proxy", "Origin"), ("Origin", "Proxy")]:
            path = f"Sources/{own}/Planted.swift"
            self.assert_found({path: f"import {other}\n"}, f"{path}:1 {own} may not import {other}")

    def test_no_arrow_points_up(self):
        for below, above in [("Bytes", "Media"), ("Telemetry", "Reactor"), ("Reactor", "HTTP"), ("Registry", "Proxy")]:
            path = f"Sources/{below}/Planted.swift"
            self.assert_found({path: f"import {above}\n"}, f"{path}:1 {below} may not import {above}")

    def test_nobody_imports_foundation_itself(self):
        for target in ["Reactor", "Registry", "Proxy", "sluice-proxy"]:
            path = f"Sources/{target}/Planted.swift"
            self.assert_found({path: "import Foundation\n"}, f"{path}:1 may not import Foundation")

    def test_every_form_of_import_is_seen(self):
        forms = ["package import Glibc", "@preconcurrency import Glibc", "import func Glibc.read", "    import Glibc.C"]
        forms += ["@_spi(Testing) package import struct Glibc.stat", "import `Glibc`", "import struct `Glibc`.stat"]
        for form in forms:
            self.assert_found({"Sources/HTTP/Planted.swift": form + "\n"}, "Sources/HTTP/Planted.swift:1 Glibc")
        for text, line in [("import Bytes; import Glibc\n", 1), ("import\n    Glibc\n", 2)]:
            self.assert_found({"Sources/HTTP/Planted.swift": text}, f"Sources/HTTP/Planted.swift:{line} Glibc")

    def test_symbols_of_other_modules(self):
        for attribute in ["_silgen_name", "_extern", "_cdecl"]:
            text = f'@{attribute}("open")\nfunc planted()\n'
            self.assert_found({"Sources/HTTP/Planted.swift": text}, "Sources/HTTP/Planted.swift:1 goes around the imports")

    def test_a_target_without_a_row(self):
        path = "Sources/Novelty/Planted.swift"
        self.assert_found({path: "import Bytes\n"}, f"{path}:1 target Novelty has no row")

    def test_the_manifest_is_held_to_the_same_arrows(self):
        manifest = CLEAN["Package.swift"].replace('["Bytes"]', '["Bytes", "Reactor"]')
        self.assert_found({"Package.swift": manifest}, "Package.swift:4 HTTP may not depend on Reactor")


class Sizes(Tree):
    def test_files(self):
        sources = ["Sources/HTTP/Planted.swift", "Sources/Proxy/Pages/planted.js"]
        for path, maximum in [(path, 600) for path in sources] + [("Tests/HTTPTests/Planted.swift", 800)]:
            self.assertEqual(self.findings({path: "//\n" * maximum}), [])
            self.assert_found({path: "//\n" * (maximum + 1)}, f"{path}:{maximum + 1} {maximum + 1} lines")

    def test_lines_of_scripts(self):
        path = "Sources/Proxy/Pages/planted.js"
        self.assertEqual(self.findings({path: "—" * 120 + "\n"}), [])
        self.assert_found({path: "\n" + "/" * 121 + "\n"}, f"{path}:2 121 columns")

    def test_lines_of_comments(self):
        path = "Sources/HTTP/Planted.swift"
        self.assertEqual(self.findings({path: "    /// " + "—" * 112 + "\n"}), [])
        self.assert_found({path: "\n    /// " + "—" * 113 + "\n"}, f"{path}:2 121 columns")

    def test_functions(self):
        path = "Sources/HTTP/Planted.swift"
        self.assertEqual(self.findings({path: function(60)}), [])
        self.assert_found({path: "\n" + function(61)}, f"{path}:2 long has 61 lines")

    def test_whatever_has_a_body_is_a_function(self):
        body = " {\n" + "\n" * 60 + "}\n"
        heads = {
            "init?(x: Int = { 1 }()) throws(E)": "init",
            "deinit": "deinit",
            "subscript(i: Int) -> Int": "subscript",
            "package var body: [Int: String]": "body",
            "static func == (a: A, b: A) -> Bool": "==",
            "func f<T>(\n    a: T\n) async throws(E) -> T\nwhere T: Sendable": "f",
        }
        for head, name in heads.items():
            found = self.findings({"Sources/HTTP/Planted.swift": head + body})
            self.assertEqual(len(found), 1, (head, found))
            self.assertIn(f"{name} has", found[0])

    def test_rows_of_a_table_do_not_count(self):
        rows = '        case .a: "A"\n' * 100
        text = "var text: String {\n    switch self {\n" + rows + "    }\n}\n"
        self.assertEqual(self.findings({"Sources/HTTP/Planted.swift": text}), [])
        steps = text.replace('"A"', 'f("A")')
        self.assert_found({"Sources/HTTP/Planted.swift": steps}, "Sources/HTTP/Planted.swift:1 text has 104 lines")

    def test_a_requirement_without_a_body_is_none(self):
        text = "protocol P {\n    func a()\n    init(x: Int)\n    var v: Int { get }\n}\n"
        text += "struct S {\n" + "\n" * 70 + "}\n"
        self.assertEqual(self.findings({"Sources/HTTP/Planted.swift": text}), [])

    def test_python_that_is_none(self):
        self.assert_found({"Benchmarks/run.py": "\ndef (:\n"}, "Benchmarks/run.py:2 is no Python")

    def test_python_functions(self):
        text = "def long():\n" + "    pass\n" * 60
        self.assert_found({"Benchmarks/run.py": text}, "Benchmarks/run.py:1 long has 61 lines")


class Words(Tree):
    def test_unfinished(self):
        for word in ["TO" + "DO", "FIX" + "ME", "X" + "XX"]:
            for path in ["Sources/HTTP/Planted.swift", "Sources/CLinux/shim.c", "dev", "Tests/x/run.py"]:
                self.assert_found({path: f"\n# {word}: later\n"}, f"{path}:2 {word}")

    def test_empty_names_of_types(self):
        for name in ["ConnectionManager", "ByteUtils", "Helper", "HTTPCommon", "CommonParser", "StringHelpers"]:
            path = "Sources/HTTP/Planted.swift"
            self.assert_found({path: f"struct {name} {{}}\n"}, f"{path}:1 {name} says")
        for name in ["Commonality", "Managed", "Utility1", "ManagedBuffer"]:
            self.assertEqual(self.findings({"Sources/HTTP/Planted.swift": f"struct {name} {{}}\n"}), [])

    def test_empty_names_of_files(self):
        for path in ["Sources/HTTP/Utils.swift", "Sources/HTTP/Parser+Helpers.swift", "Tests/Common/A.swift"]:
            self.assert_found({path: "\n"}, f"{path}:1 the path says")

    def test_sleeps_in_tests(self):
        path = "Tests/HTTPTests/Planted.swift"
        calls = ["try await Task.sleep(for: .seconds(1))", "sleep(1)", "usleep(10)", "Thread.sleep(forTimeInterval: 1)"]
        for call in calls:
            self.assert_found({path: call + "\n"}, f"{path}:1 wait for the event")
        self.assert_found({"Tests/EndToEnd/peer.py": "time.sleep(1)\n"}, "Tests/EndToEnd/peer.py:1 wait for the event")

    def test_task_sleep_in_sources(self):
        path = "Sources/Proxy/Planted.swift"
        self.assert_found({path: "await Task.sleep(for: pause)\n"}, f"{path}:1 Task.sleep")

    def test_public_declarations(self):
        path = "Sources/HTTP/Planted.swift"
        lines = ["public struct A {}", "    public var b = 1", "open class C {}", "public import Bytes\npublic func f()"]
        for line in lines:
            self.assert_found({path: line + "\n"}, f"{path}:{line.count(chr(10)) + 1} nothing is public")
        for line in ["let f = open(path)", "file.open ()", "case open", "var open: Int"]:
            self.assertEqual(self.findings({path: line + "\n"}), [], line)

    def test_spans_of_texts(self):
        path = "Sources/HTTP/Planted.swift"
        for span in ["text.utf8Span.span", "text.utf8.span", "text.utf8\n    .span", "utf8Span"]:
            self.assert_found({path: f"\nlet a = {span}\n"}, f"{path}:2 use withRawSpan")
        for code in ["bytes.span", "text.utf8.count", "utf8.spans", "// utf8Span", "text.withRawSpan(f)"]:
            self.assertEqual(self.findings({path: code + "\n"}), [], code)
        self.assertEqual(self.findings({"Tests/HTTPTests/Planted.swift": "text.utf8Span\n"}), [])


class Unchecked(Tree):
    PATH = "Sources/Reactor/Planted.swift"

    def test_a_type_that_is_not_in_the_table(self):
        text = "// Safe: confined.\n@safe\nfinal class Planted: Base, @unchecked Sendable {}\n"
        self.assert_found({self.PATH: text}, f"{self.PATH}:3 Planted is unchecked and has no row")

    def test_a_variable_that_is_not_in_the_table(self):
        text = "// Safe: set once.\nnonisolated(unsafe) static var planted = 1\n"
        self.assert_found({self.PATH: text}, f"{self.PATH}:2 planted is unchecked and has no row")

    def test_odd_spellings(self):
        for spelling in ["@unchecked Swift.Sendable", "@unchecked Swift . Sendable", "@unchecked `Sendable`"]:
            text = f"// Safe: confined.\nfinal class Planted: {spelling} {{}}\n"
            self.assert_found({self.PATH: text}, f"{self.PATH}:2 Planted is unchecked and has no row")
        for spelling in ["nonisolated( unsafe )", "nonisolated (unsafe)"]:
            text = f"// Safe: set once.\n{spelling} static var planted = 1\n"
            self.assert_found({self.PATH: text}, f"{self.PATH}:2 planted is unchecked and has no row")

    def test_a_row_is_enough_for_its_own_file_only(self):
        text = "// Safe: confined.\nfinal class Storage: @unchecked Sendable {}\n"
        self.assert_found({self.PATH: text}, f"{self.PATH}:2 Storage is unchecked and has no row")

    def test_a_reason_is_missing(self):
        text = CLEAN["Sources/Bytes/Shared.swift"].replace("// Safe:", "//")
        path = "Sources/Bytes/Shared.swift"
        self.assert_found({path: text}, f"{path}:2 Storage is unchecked and has no // Safe:")

    def test_a_row_without_its_place(self):
        text = CLEAN["ARCHITECTURE.md"] + "| `Sources/Bytes/Gone.swift` | `Gone` | it is gone |\n"
        self.assert_found({"ARCHITECTURE.md": text}, "ARCHITECTURE.md:4 take the row out")

    def test_without_a_table(self):
        self.assert_found({"ARCHITECTURE.md": None}, "Sources/Bytes/Shared.swift:2 no row in the table")


class SourceText(unittest.TestCase):
    def code(self, text):
        source = Source(text)
        self.assertEqual(len(source.code), len(text))
        self.assertEqual(source.code.count("\n"), text.count("\n"))
        return source.code.split()

    def test_comments_and_literals_are_no_code(self):
        self.assertEqual(self.code("a // b \" c\nd"), ["a", "d"])
        self.assertEqual(self.code("a /* b /* c */ d */ e"), ["a", "e"])
        self.assertEqual(self.code('a "b \\" // c" d'), ["a", "d"])
        self.assertEqual(self.code('a "b \\(f("x)") + (1)) c" d'), ["a", "d"])
        self.assertEqual(self.code('a #"b " \\(c"# d'), ["a", "d"])
        self.assertEqual(self.code('a """\n  b " c\n  \\("""\nx\n""") d\n""" e'), ["a", "e"])
        self.assertEqual(self.code('a #"b \\#("c") d"# e'), ["a", "e"])

    def test_comments_are_kept_apart(self):
        source = Source('let a = "// no" // yes')
        self.assertEqual(source.comments.strip(), "// yes")


class Program(Tree):
    def test_exit_status_and_form(self):
        with tempfile.TemporaryDirectory() as root:
            command = [sys.executable, os.path.join(HERE, "lint.py"), "--root", root]
            self.assertEqual(subprocess.run(command, check=False, capture_output=True).returncode, 0)
            os.makedirs(os.path.join(root, "Sources", "HTTP"))
            with open(os.path.join(root, "Sources", "HTTP", "A.swift"), "w", encoding="utf-8") as file:
                file.write("\nimport Glibc\n")
            run = subprocess.run(command, check=False, capture_output=True, text=True)
            self.assertEqual(run.returncode, 1)
            self.assertEqual(run.stdout, "Sources/HTTP/A.swift:2: HTTP may not import Glibc (dev-tools/arrows.py)\n")


if __name__ == "__main__":
    unittest.main()
