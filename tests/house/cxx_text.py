# SPDX-License-Identifier: MIT
"""Just enough of C and C++ to find functions: not a parser, but right on code that clang-format
has laid out."""

import re
from dataclasses import dataclass
from typing import Iterator

_DIGIT_SEPARATOR = re.compile(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])")
_NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<raw>[^()\s\\]{0,16})\(.*?\)(?P=raw)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_ATTRIBUTE = re.compile(
    r"\b(?:alignas|decltype|noexcept|__attribute__)\s*\([^()]*(?:\([^()]*\))*\)")
_SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")


def blank_noise(text: str) -> str:
    """The text without comments, literals and preprocessor lines; every newline stays."""

    def blank(match: re.Match) -> str:
        return " " + "\n" * match.group().count("\n")

    text = _DIGIT_SEPARATOR.sub("", text)
    return _DIRECTIVE.sub(blank, _NOISE.sub(blank, text))


@dataclass(frozen=True)
class Function:
    line: int
    line_count: int


def _opens_scope(head: str) -> bool:
    """Whether a brace behind `head` begins a namespace, a type or an initializer: something that
    holds functions or none, but is none."""
    head = _ATTRIBUTE.sub("", head)
    return head.rstrip().endswith("=") or (bool(_SCOPE.search(head)) and "(" not in head)


def functions(text: str) -> Iterator[Function]:
    """Every function body outside of other functions, from its opening to its closing brace."""
    line = 1
    scopes: list[bool] = []  # for each open brace: is it a namespace or a type?
    begin = 0
    head = ""
    for character in blank_noise(text):
        if character == "\n":
            line += 1
        if character == "{":
            scopes.append(all(scopes) and _opens_scope(head))
            if scopes.count(False) == 1 and not scopes[-1]:
                begin = line
            head = ""
        elif character == "}" and scopes:
            was_function = not scopes.pop() and all(scopes)
            if was_function:
                yield Function(begin, line - begin + 1)
            head = ""
        elif character == ";":
            head = ""
        else:
            head += character
