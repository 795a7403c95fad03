"""Checks what swift format does not: import arrows, sizes, names, words, sleeps, and the list of unchecked types.

Prints `file:line: message` for each finding and exits with 1 where there is one. Every rule has a planted violation
in test_lint.py.
"""

import argparse
import ast
import os
import re
import sys

from arrows import MAY_IMPORT
from swift_source import Source

MAXIMUM_FILE_LINES = 600
MAXIMUM_TEST_FILE_LINES = 800
MAXIMUM_FUNCTION_LINES = 60
# Of what swift format does not see.
MAXIMUM_COLUMNS = 120

ROOTS = ("Sources", "Tests", "Fuzz", "Benchmarks", "dev-tools", "dev-hooks", "deploy", "Package.swift", "dev")
SKIPPED_FOLDERS = {".build", ".git", "__pycache__"}
SOURCE_ENDINGS = (".swift", ".c", ".h", ".js", ".py", ".sh")

# Spelled in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(%s)\b" % "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]))
EMPTY_NAME = re.compile(r"(Utils?|Utilities|Helpers?|Managers?|Common)(?![a-z])")
TYPE = re.compile(r"\b(?:class|struct|enum|actor|protocol|typealias)\s+(\w+)")
IMPORT = re.compile(
    r"(?:^|;)\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:typealias|struct|class|enum|protocol|let|var|func)\s+)?`?(\w+)",
    re.MULTILINE,
)
LITERAL_CASE = re.compile(r"\s*case [^:]+:\s*$")
PUBLIC = re.compile(r"(?<![\w.`])(?:public|open)(?:\(set\))?\s+(?=[\w@])")
SLEEP = re.compile(r"\b(?:u|nano)?sleep\s*\(|\bclock_nanosleep\s*\(|\bTask\s*\.\s*sleep\b")
TASK_SLEEP = re.compile(r"\bTask\s*\.\s*sleep\b")
# Spans of a text's code units: `utf8Span`, and `span` of its `utf8`.
TEXT_SPAN = re.compile(r"\butf8Span\b|\butf8\s*\.\s*span\b")
UNCHECKED = re.compile(r"@unchecked\s+(?:`?Swift`?\s*\.\s*)?`?Sendable|\bnonisolated\s*\(\s*unsafe\s*\)")
# Names a symbol of another module, whether it is imported or not.
FOREIGN = re.compile(r"@(_silgen_name|_extern|_cdecl)\b")
PACKAGE_TARGET = re.compile(
    r"\.(?:target|executableTarget)\(\s*name:\s*\"([^\"]+)\"\s*(?:,\s*dependencies:\s*\[([^\]]*)\])?"
)


class File:
    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            self.text = file.read()
        self.lines = self.text.splitlines()
        self.folder = path.split(os.sep)[0]
        self.is_swift = path.endswith(".swift")
        self.source = Source(self.text) if self.is_swift else None

    @property
    def target(self):
        """The target of Sources/ that the file belongs to, or None."""
        parts = self.path.split(os.sep)
        return parts[1] if self.folder == "Sources" and len(parts) > 2 else None


def files_below(root):
    for name in ROOTS:
        path = os.path.join(root, name)
        if os.path.isfile(path):
            yield File(root, name)
        for folder, subfolders, names in os.walk(path):
            subfolders[:] = sorted(set(subfolders) - SKIPPED_FOLDERS)
            for file in sorted(names):
                path = os.path.relpath(os.path.join(folder, file), root)
                if file.endswith(SOURCE_ENDINGS) or "." not in file:
                    yield File(root, path)


# MARK: Rules on one file. Each yields (line, message).


def arrows(file):
    if not file.is_swift or file.folder != "Sources":
        return
    if file.target not in MAY_IMPORT:
        yield 1, f"target {file.target} has no row in dev-tools/arrows.py"
        return
    own = file.target.replace("-", "_")
    # Over the whole text: a semicolon or a line break between the words hides nothing.
    code = "\n".join(file.source.code_lines)
    for match in IMPORT.finditer(code):
        if match.group(1) not in MAY_IMPORT[file.target] | {own}:
            number = code.count("\n", 0, match.start(1)) + 1
            yield number, f"{file.target} may not import {match.group(1)} (dev-tools/arrows.py)"
    for match in FOREIGN.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, f"@{match.group(1)} goes around the imports"


def file_size(file):
    if not file.path.endswith(SOURCE_ENDINGS):
        return
    is_test = file.folder == "Tests" or os.path.basename(file.path).startswith("test_")
    maximum = MAXIMUM_TEST_FILE_LINES if is_test else MAXIMUM_FILE_LINES
    if len(file.lines) > maximum:
        yield maximum + 1, f"{len(file.lines)} lines, at most {maximum}: split it by concern"


def long_lines(file):
    """Of scripts, and of comments in Swift: its code is formatted, and Python's and C's are short by habit."""
    for number, line in enumerate(file.lines, 1):
        counts = file.path.endswith(".js") or (file.is_swift and line.lstrip().startswith("//"))
        if counts and len(line) > MAXIMUM_COLUMNS:
            yield number, f"{len(line)} columns, at most {MAXIMUM_COLUMNS}"


def table_rows(file, first, last):
    """Lines of a switch that only give a case its text: rows of a table, not steps that a reader must follow."""
    lines = zip(file.source.code_lines[first - 1 : last], file.lines[first - 1 : last])
    return sum(1 for code, line in lines if LITERAL_CASE.match(code) and line.endswith('"'))


def function_size(file):
    if file.is_swift:
        functions = (found + (table_rows(file, *found[1:]),) for found in file.source.functions())
    elif file.path.endswith(".py"):
        try:
            nodes = list(ast.walk(ast.parse(file.text)))
        except SyntaxError as error:
            yield error.lineno or 1, f"is no Python: {error.msg}"
            return
        functions = (
            (node.name, node.lineno, node.end_lineno, 0)
            for node in nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        )
    else:
        return
    for name, first, last, rows in functions:
        length = last - first + 1 - rows
        if length > MAXIMUM_FUNCTION_LINES:
            yield first, f"{name} has {length} lines, at most {MAXIMUM_FUNCTION_LINES}: one screen"


def unfinished_words(file):
    for number, line in enumerate(file.lines, 1):
        if match := UNFINISHED.search(line):
            yield number, f"{match.group(1)}: finish it, or open an issue"


def empty_names(file):
    if match := EMPTY_NAME.search(file.path):
        yield 1, f"the path says {match.group(1)}, which says nothing: name the concern"
    if not file.is_swift:
        return
    for number, line in enumerate(file.source.code_lines, 1):
        for name in TYPE.findall(line):
            if match := EMPTY_NAME.search(name):
                yield number, f"{name} says {match.group(1)}, which says nothing: name the concern"


def sleeps(file):
    is_test = file.folder == "Tests"
    if file.is_swift:
        pattern, lines = (SLEEP if is_test else TASK_SLEEP), file.source.code_lines
    else:
        pattern, lines = SLEEP, file.lines if is_test else []
    reason = "wait for the event, with a bound" if is_test else "it leaves the loop: use a timer of the loop"
    for number, line in enumerate(lines, 1):
        if match := pattern.search(line):
            yield number, f"{match.group(0).rstrip('( ')}: {reason}"


def public_declarations(file):
    if not file.is_swift or file.folder != "Sources":
        return
    for number, line in enumerate(file.source.code_lines, 1):
        if PUBLIC.search(line) and not IMPORT.match(line):
            yield number, "nothing is public: what targets share is package"


def text_spans(file):
    if not file.is_swift or file.folder != "Sources":
        return
    code = "\n".join(file.source.code_lines)
    for match in TEXT_SPAN.finditer(code):
        name = "".join(match.group(0).split())
        reason = "the optimizer lets a short text's span outlive its bytes: use withRawSpan"
        yield code.count("\n", 0, match.start()) + 1, f"{name}: {reason}"


RULES = (
    arrows,
    file_size,
    long_lines,
    function_size,
    unfinished_words,
    empty_names,
    sleeps,
    public_declarations,
    text_spans,
)


# MARK: Rules on the whole tree. Each yields (path, line, message).


def package_arrows(root, _files):
    path = os.path.join(root, "Package.swift")
    if not os.path.isfile(path):
        return
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"//[^\n]*", lambda comment: " " * len(comment.group()), text)
    for match in PACKAGE_TARGET.finditer(text):
        name, dependencies = match.group(1), re.findall(r'"([^"]+)"', match.group(2) or "")
        if not os.path.isdir(os.path.join(root, "Sources", name)) or name not in MAY_IMPORT:
            continue
        for dependency in dependencies:
            if dependency not in MAY_IMPORT[name]:
                line = text.count("\n", 0, match.start()) + 1
                yield "Package.swift", line, f"{name} may not depend on {dependency} (dev-tools/arrows.py)"


def unchecked_places(file):
    """(line, name) of each place that takes concurrency on trust."""
    source = file.source
    for match in UNCHECKED.finditer(source.code):
        if match.group(0).startswith("@"):
            before = re.findall(r"\b(?:class|struct|enum|actor|extension)\s+([\w.]+)", source.code[: match.start()])
            name = before[-1] if before else "?"
        else:
            after = re.search(r"\b(?:let|var|func)\s+(\w+)", source.code[match.end() :])
            name = after.group(1) if after else "?"
        yield source.line_at(match.start()), name


def has_reason(source, line):
    """Whether `// Safe:` stands in the comment above the declaration, on its line, or right below it."""
    first = line - 1
    while first > 0 and (source.comment_lines[first - 1].strip() or source.code_lines[first - 1].strip()[:1] == "@"):
        first -= 1
    return any("Safe:" in comment for comment in source.comment_lines[first : line + 1])


def unchecked_list(root, files):
    table = {}
    path = os.path.join(root, "ARCHITECTURE.md")
    if os.path.isfile(path):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                row = re.match(r"\|\s*`?(Sources/[^|`]+\.swift)`?\s*\|\s*`?([\w.]+)`?\s*\|\s*(\S.*?)\s*\|\s*$", line)
                if row:
                    table[row.group(1), row.group(2)] = number
    found = set()
    for file in files:
        if not file.is_swift or file.folder != "Sources":
            continue
        for line, name in unchecked_places(file):
            found.add((file.path, name))
            if (file.path, name) not in table:
                yield file.path, line, f"{name} is unchecked and has no row in the table of ARCHITECTURE.md"
            if not has_reason(file.source, line):
                yield file.path, line, f"{name} is unchecked and has no // Safe: line"
    for (path, name), number in table.items():
        if (path, name) not in found:
            yield "ARCHITECTURE.md", number, f"{path} has no unchecked {name}: take the row out"


TREE_RULES = (package_arrows, unchecked_list)


def findings(root):
    """(path, line, message) of everything that is wrong below `root`."""
    files = list(files_below(root))
    for file in files:
        for rule in RULES:
            for line, message in rule(file):
                yield file.path, line, message
    for rule in TREE_RULES:
        yield from rule(root, files)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--root", default=os.path.dirname(here), help="the tree to check")
    failed = False
    for path, line, message in sorted(set(findings(parser.parse_args().root))):
        print(f"{path}:{line}: {message}")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
