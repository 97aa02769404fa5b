# SPDX-License-Identifier: MIT
"""The files of a source tree, and what a rule finds in them."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

IGNORED_FOLDERS = {".git", ".cache", "build", "__pycache__"}
CODE_SUFFIXES = {".c", ".h", ".cpp", ".hpp"}


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Tree:
    """All files below a root, by their path relative to it. `build` is a build folder or None."""

    def __init__(self, root: Path, build: Path | None = None):
        self.root = root.resolve()
        self.build = build.resolve() if build else None
        self.paths = sorted(self._walk())

    def _walk(self) -> Iterator[str]:
        for folder, subfolders, names in os.walk(self.root):
            subfolders[:] = [name for name in subfolders if name not in IGNORED_FOLDERS]
            for name in names:
                path = Path(folder, name)
                if path.is_file():
                    yield path.relative_to(self.root).as_posix()

    def __contains__(self, path: str) -> bool:
        return path in self.paths

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def lines(self, path: str) -> list[str]:
        return self.text(path).split("\n")

    def code(self) -> list[str]:
        return [path for path in self.paths if Path(path).suffix in CODE_SUFFIXES]

    def headers(self) -> list[str]:
        return [path for path in self.code() if Path(path).suffix in {".h", ".hpp"}]

    def cmake(self) -> list[str]:
        return [path for path in self.paths
                if path.endswith(".cmake") or Path(path).name == "CMakeLists.txt"]

    def scripts(self, interpreter: str = "") -> list[str]:
        """Executable text by its first line, and Python modules when no interpreter is named."""
        return [path for path in self.paths
                if self._is_script(path, interpreter) or (not interpreter and path.endswith(".py"))]

    def _is_script(self, path: str, interpreter: str) -> bool:
        if Path(path).suffix not in {"", ".sh", ".bash", ".zsh", ".py", ".awk"}:
            return False
        with open(self.root / path, "rb") as file:
            first = file.readline(200)
        return first.startswith(b"#!") and interpreter.encode() in first

    def man_pages(self) -> list[str]:
        return [path for path in self.paths if re.fullmatch(r"man/[\w.-]+\.[1-8]", path)]

    def documents(self) -> list[str]:
        return [path for path in self.paths if path.endswith(".md")]


@dataclass(frozen=True)
class Rule:
    """A check of a tree, with what proves that the check works: a small tree in which it finds
    nothing, and changes to that tree in each of which it must find something."""

    name: str
    check: Callable[[Tree], Iterator[Finding]]
    clean: dict[str, str]
    broken: list[dict[str, str]]
