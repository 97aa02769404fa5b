# SPDX-License-Identifier: MIT
"""Rules that other programs judge: compilers, clang-format, shellcheck, mandoc."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterator

from text_rules import SPDX
from tree import Finding, Rule, Tree

FORMAT = "BasedOnStyle: Google\nIndentWidth: 4\n"


def output_of(command: list[str], folder: Path) -> str:
    """What a checker has to say, "" when it is content."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    if done.returncode == 0:
        return ""
    return (done.stdout + done.stderr).strip() or f"exit status {done.returncode}"


def check_format(tree: Tree) -> Iterator[Finding]:
    if not tree.code():
        return
    command = ["clang-format", "--dry-run", "-Werror", "--style=file", *tree.code()]
    fault = output_of(command, tree.root)
    places = re.findall(r"^(.+?):(\d+):\d+: error: ", fault, re.MULTILINE)
    if fault and not places:
        yield Finding(".clang-format", 1, fault)
    for path, line in places:
        yield Finding(path, int(line), "clang-format would lay this out in another way")


def check_shell(tree: Tree) -> Iterator[Finding]:
    for path in sorted({*tree.scripts("bash"), *tree.scripts("/sh")}):
        fault = output_of(["shellcheck", "--external-sources", path], tree.root)
        if fault:
            yield Finding(path, 1, f"shellcheck:\n{fault}")
        if "set -euo pipefail" not in tree.text(path) and "exec " not in tree.text(path):
            yield Finding(path, 1, "'set -euo pipefail' is missing")


def check_man_lint(tree: Tree) -> Iterator[Finding]:
    for path in tree.man_pages():
        fault = output_of(["mandoc", "-Tlint", "-Wwarning", path], tree.root)
        if fault:
            yield Finding(path, 1, f"mandoc:\n{fault}")


def compile_flags(tree: Tree) -> dict[str, list[str]]:
    """The include paths and definitions that a folder's sources are compiled with."""
    commands = tree.build / "compile_commands.json" if tree.build else None
    flags: dict[str, list[str]] = {}
    if commands is None or not commands.exists():
        return flags
    for entry in json.loads(commands.read_text()):
        file = Path(entry["file"])
        if tree.root not in file.parents or tree.build in file.parents:
            continue
        folder = file.parent.relative_to(tree.root).as_posix()
        words = iter(shlex.split(entry["command"]))
        found = flags.setdefault(folder, [])
        for word in words:
            if word == "-isystem":
                found += [word, next(words)]
            elif word.startswith(("-I", "-D")):
                found.append(word)
    return flags


def flags_for(path: str, flags: dict[str, list[str]]) -> list[str]:
    """Those of the header's own folder; if nothing compiles there, of all that does in and below
    the nearest folder above it."""
    own = Path(path).parent
    if own.as_posix() in flags:
        return flags[own.as_posix()]
    for folder in own.parents:
        near = [candidate for candidate in sorted(flags)
                if folder in (Path(candidate), *Path(candidate).parents)]
        if near:
            return list(dict.fromkeys(flag for candidate in near for flag in flags[candidate]))
    return []


PUBLIC_HEADERS = "client-lib/include/"
COMPILER_CACHE = ["ccache"] if shutil.which("ccache") else []
C_AND_CXX = [["gcc", "-std=c11", "-xc"], ["g++", "-std=c++20", "-xc++"]]
PUBLIC_C_AND_CXX = [["gcc", "-std=c99", "-xc"], ["g++", "-std=c++17", "-xc++"]]


def compilers_for(path: str) -> list[list[str]]:
    """A public header suits the oldest standard we promise, the others ours."""
    is_public = path.startswith(PUBLIC_HEADERS)
    if path.endswith(".h"):
        return PUBLIC_C_AND_CXX if is_public else C_AND_CXX
    return [PUBLIC_C_AND_CXX[1] if is_public else C_AND_CXX[1]]


def joined(flags: list[str]) -> list[str]:
    """dict.fromkeys() would tear -isystem from its folder: one word for both."""
    words = iter(flags)
    return [f"-isystem{next(words)}" if word == "-isystem" else word for word in words]


def check_header(tree: Tree, path: str, flags: list[str], folder: Path) -> Iterator[Finding]:
    source = folder / path.replace("/", "_")  # once for what it needs, twice for its include guard
    source.write_text(f'#include "{tree.root / path}"\n#include "{tree.root / path}"\n')
    for compiler in compilers_for(path):
        command = [*COMPILER_CACHE, *compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags]
        target = source.with_name(f"{source.name}.{compiler[0]}.o")
        fault = output_of([*command, "-c", "-o", str(target), str(source)], tree.root)
        if fault:
            yield Finding(path, 1, f"does not compile alone as {compiler[1]}:\n{fault}")


def is_compiled_first(tree: Tree, path: str) -> bool:
    """Whether the build shows that the header stands alone: its own source begins with it."""
    source = Path(path).with_suffix(".cpp").as_posix()
    if not path.endswith(".hpp") or source not in tree or "#pragma once" not in tree.text(path):
        return False
    includes = re.findall(r'^#include ["<](.+)[">]', tree.text(source), re.MULTILINE)
    return bool(includes) and Path(includes[0]).name == Path(path).name


def check_headers(tree: Tree) -> Iterator[Finding]:
    """In a folder of the build that stays, so that what ccache has seen is not compiled again."""
    paths = [path for path in tree.headers() if not is_compiled_first(tree, path)]
    flags = {folder: joined(found) for folder, found in compile_flags(tree).items()}
    with tempfile.TemporaryDirectory(prefix="tidy-") as passing:
        folder = tree.build / "tidy-headers" if tree.build else Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda path: list(check_header(tree, path, flags_for(path, flags),
                                                              folder)),
                               paths)
        for findings in results:
            yield from findings


RULES = [
    Rule("format", check_format,
         clean={".clang-format": FORMAT, "cli/a.cpp": "int a = 1;\n"},
         broken=[{"cli/a.cpp": "int  a=1;\n"}]),
    Rule("shell", check_shell,
         clean={"scripts/a": "#!/usr/bin/env bash\nset -euo pipefail\necho \"$1\"\n"},
         broken=[{"scripts/a": "#!/usr/bin/env bash\nset -euo pipefail\necho $1\n"},
                 {"scripts/a": "#!/usr/bin/env bash\necho \"$1\"\n"}]),
    Rule("man_lint", check_man_lint,
         clean={"man/a.1": f'.\\" {SPDX}\n.Dd November 21, 2026\n.Dt A 1\n.Os\n.Sh NAME\n.Nm a\n'
                           ".Nd does a\n.Sh DESCRIPTION\nIt does.\n"},
         broken=[{"man/a.1": ".Dd November 21, 2026\n.Dt A 1\n.Os\n.Sh NAME\nno name\n.Bogus\n"}]),
    Rule("headers", check_headers,
         clean={"protocol/a.h": "#pragma once\n#include <stdint.h>\nextern uint8_t a;\n",
                "server/a.hpp": "#pragma once\n#include <string>\nextern std::string a;\n"},
         broken=[{"protocol/a.h": "#pragma once\nextern uint8_t a;\n"},
                 {"protocol/a.h": "#pragma once\nextern int class;\n"},
                 {"server/a.hpp": "#pragma once\nextern std::string a;\n"},
                 {"server/a.hpp": "struct a {};\n"},
                 {"server/a.hpp": "struct a {};\n", "server/a.cpp": '#include "a.hpp"\n'},
                 {"server/a.hpp": "#pragma once\nextern std::string a;\n",
                  "server/a.cpp": '#include <string>\n#include "a.hpp"\n'},
                 {"client-lib/include/tagcache/a.h": "#pragma once\n_Static_assert(1, \"\");\n"}]),
]
