"""Just enough understanding of Swift source text for lint: what is code, what is comment, where a body ends."""

import bisect
import re

DECLARATION = re.compile(
    r"(?<![.\w`])(?:(func)\s+([^\s(<]+)|(init)(?=[?!]?\s*[(<])|(deinit)\b|(subscript)(?=\s*[(<])"
    r"|(var)\s+(\w+)\s*:[^={}\n]*(?=\{))"
)
STOPS = re.compile(r"(?:\b(?:func|var|let|init|deinit|subscript|case|associatedtype|typealias|struct|class|enum)\b|\})")


class Source:
    """One file, with its comments and its string literals told apart from its code. Lines count from 1."""

    def __init__(self, text):
        self.text = text
        self.lines = text.split("\n")
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        code, comments = _split(text)
        # The same length as the text, with everything else blanked: positions and line numbers stay true.
        self.code = code
        self.comments = comments
        self.code_lines = code.split("\n")
        self.comment_lines = comments.split("\n")

    def line_at(self, position):
        return bisect.bisect_right(self._starts, position)

    def functions(self):
        """(name, first line, last line) of everything that has a body of statements."""
        for match in DECLARATION.finditer(self.code):
            opening = self._opening_brace(match.end())
            if opening is None:
                continue
            name = match.group(2) or match.group(7) or next(filter(None, match.groups()))
            closing = self._closing_brace(opening)
            yield name, self.line_at(match.start()), self.line_at(closing)

    def _opening_brace(self, position):
        """Where the body of the declaration begins, or None where it has none (a requirement of a protocol)."""
        depth = 0
        while position < len(self.code):
            character = self.code[position]
            if character in "([":
                depth += 1
            elif character in ")]":
                depth -= 1
            elif depth == 0 and character == "{":
                return position
            elif depth == 0 and STOPS.match(self.code, position) and not self.code[position - 1].isalnum():
                return None
            position += 1
        return None

    def _closing_brace(self, opening):
        depth = 0
        for position in range(opening, len(self.code)):
            if self.code[position] == "{":
                depth += 1
            elif self.code[position] == "}":
                depth -= 1
                if depth == 0:
                    return position
        return len(self.code) - 1


LITERAL = re.compile(r'(#*)("""|")')


def _split(text):
    """(code, comments): two texts as long as `text`, each with what is not its own blanked."""
    code, comments = list(text), [c if c == "\n" else " " for c in text]
    position = 0

    def blank(start, end, comment):
        for at in range(start, end):
            if text[at] != "\n":
                code[at] = " "
                if comment:
                    comments[at] = text[at]

    while position < len(text):
        if text.startswith("//", position):
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            blank(position, end, True)
        elif text.startswith("/*", position):
            end = _block_comment_end(text, position)
            blank(position, end, True)
        elif (match := LITERAL.match(text, position)) and (match.group(1) == "" or text[position] == "#"):
            end = _literal_end(text, match)
            blank(position, end, False)
        else:
            end = position + 1
        position = end
    return "".join(code), "".join(comments)


def _block_comment_end(text, position):
    depth = 0
    while position < len(text):
        if text.startswith("/*", position):
            depth += 1
            position += 2
        elif text.startswith("*/", position):
            depth -= 1
            position += 2
            if depth == 0:
                return position
        else:
            position += 1
    return len(text)


def _literal_end(text, match):
    """The end of the string literal that `match` opens; an interpolation may hold literals of its own."""
    pounds, quotes = match.groups()
    closing, escape = quotes + pounds, "\\" + pounds
    position = match.end()
    while position < len(text):
        if text.startswith(closing, position):
            return position + len(closing)
        if text.startswith(escape + "(", position):
            position = _interpolation_end(text, position + len(escape))
        elif text.startswith(escape, position):
            position += len(escape) + 1
        elif quotes == '"' and text[position] == "\n":
            return position
        else:
            position += 1
    return len(text)


def _interpolation_end(text, position):
    depth = 0
    while position < len(text):
        if match := LITERAL.match(text, position):
            position = _literal_end(text, match)
            continue
        if text[position] == "(":
            depth += 1
        elif text[position] == ")":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return len(text)
