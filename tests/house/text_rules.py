# SPDX-License-Identifier: MIT
"""Rules that read files as text: sizes, licence lines, words, directions of dependency."""

import re
from pathlib import Path
from typing import Iterator

from cxx_text import functions
from tree import CODE_SUFFIXES, Finding, Rule, Tree

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

SPDX = "SPDX-License-Identifier: MIT"


def written_by_hand(tree: Tree) -> list[str]:
    return sorted({*tree.code(), *tree.cmake(), *tree.scripts()})


def check_file_length(tree: Tree) -> Iterator[Finding]:
    for path in written_by_hand(tree):
        count = tree.text(path).count("\n")
        if count > FILE_LINES_MAX:
            yield Finding(path, count, f"{count} lines, at most {FILE_LINES_MAX}: split by noun")


def check_function_length(tree: Tree) -> Iterator[Finding]:
    for path in tree.code():
        for function in functions(tree.text(path)):
            if function.line_count > FUNCTION_LINES_MAX:
                yield Finding(path, function.line, f"a function of {function.line_count} lines, "
                                                   f"at most {FUNCTION_LINES_MAX}")


def check_columns(tree: Tree) -> Iterator[Finding]:
    for path in written_by_hand(tree):
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > COLUMNS_MAX:
                yield Finding(path, number, f"{len(line)} columns, at most {COLUMNS_MAX}")
            if line != line.rstrip() or "\t" in line:
                yield Finding(path, number, "a tab, or spaces at the end of the line")


def check_licence(tree: Tree) -> Iterator[Finding]:
    for path in sorted({*written_by_hand(tree), *tree.man_pages()}):
        if not any(SPDX in line for line in tree.lines(path)[:3]):
            yield Finding(path, 1, f"'{SPDX}' is missing on top")


# Words, where they are banned, and what to do instead.
CODE_WORDS = [
    (r"\w*Manager\w*|\w*Helper\w*|\butils?\b", "", "name the noun it stands for"),
    (r"\bFIXME\b", "", "fix it, or open an issue"),
    (r"\bTODO\b(?!\(issue-\d+\):)", "", "write TODO(issue-<number>): with an open issue"),
    (r"\bstd::endl\b", "", "write '\\n'; flush on purpose only"),
    (r"\busing namespace std\s*;", "", "name what is used"),
    (r"\bshared_ptr\b", "server/", "one owner, references upwards"),
]
# Where a library leaves no choice: the file says why.
WORDS_ALLOWED = {"server/log.cpp": r"\bshared_ptr\b"}
FILE_NAMES = {"util", "utils", "common", "helper", "helpers", "misc", "core", "base", "manager",
              "handler", "handlers"}
MACHINE_PATH = r"(?<![\w.~$}])/(?:home|root|work|Users)/\w"


def check_words(tree: Tree) -> Iterator[Finding]:
    for path in written_by_hand(tree):
        if path.startswith("tests/house/"):  # which names the words in order to find them
            continue
        for number, line in enumerate(tree.lines(path), 1):
            for pattern, folder, advice in CODE_WORDS:
                found = re.search(pattern, line)
                is_allowed = WORDS_ALLOWED.get(path) == pattern
                if found and path.startswith(folder) and not is_allowed:
                    yield Finding(path, number, f"'{found.group()}': {advice}")


def check_names(tree: Tree) -> Iterator[Finding]:
    for path in tree.paths:
        stem = Path(path).stem
        if Path(path).suffix in CODE_SUFFIXES and not re.fullmatch(r"[a-z0-9_]+", stem):
            yield Finding(path, 1, "file names are snake_case")
        for part in [*Path(path).parent.parts, stem]:
            if part.lower() in FILE_NAMES:
                yield Finding(path, 1, f"'{part}' is no noun of ours: what is in it?")


def check_machine_paths(tree: Tree) -> Iterator[Finding]:
    for path in sorted({*written_by_hand(tree), *tree.documents(), *tree.man_pages()}):
        if path.startswith("tests/house/"):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            if re.search(MACHINE_PATH, line):
                yield Finding(path, number, "a path of one machine")


LIBC = (r"<(?:assert|ctype|errno|inttypes|limits|stdalign|stdbool|stddef|stdint|stdlib|string)\.h>")
STANDARD_OR_SYSTEM = r"<[\w/]+(?:\.h)?>"

# A folder, what its files may include, and what they may not although the former allows it. The
# first folder that fits decides. Tests and benchmarks may include everything.
INCLUDES = [
    ("protocol/", rf'"protocol/|{LIBC}', None),
    ("client-lib/include/", rf"<tagcache/|{LIBC}|<[a-z_]+>", None),
    ("client-lib/examples/", rf'["<]tagcache/|{STANDARD_OR_SYSTEM}', r"<uv\.h>"),
    ("client-lib/", rf'"(?:protocol|client-lib|client|tagcache)/|<tagcache/|{STANDARD_OR_SYSTEM}',
     r"<(?:uv|xxhash|mimalloc)\b"),
    ("server/store/", rf'"store/|{STANDARD_OR_SYSTEM}', r"<uv\b|<CLI/|<tagcache/"),
    ("server/access/", rf'"(?:access|protocol)/|{STANDARD_OR_SYSTEM}|<toml\+\+/',
     r"<uv\b|<CLI/|<tagcache/"),
    ("server/", rf'"(?:server|store|access|protocol)/|{STANDARD_OR_SYSTEM}|<CLI/|<toml\+\+/',
     r"<tagcache/"),
    ("driver/", rf'"driver/|{STANDARD_OR_SYSTEM}', r"<(?:uv|CLI|tagcache)\b"),
    ("cli/", rf'"(?:cli|driver|tagcache)/|<tagcache/|<CLI/|<toml\+\+/|<nlohmann/|'
     rf'{STANDARD_OR_SYSTEM}',
     r"<(?:uv|xxhash|mimalloc)\b"),
]


def check_includes(tree: Tree) -> Iterator[Finding]:
    for path in tree.code():
        for number, line in enumerate(tree.lines(path), 1):
            found = re.match(r'\s*#\s*include\s*(["<].*[">])', line)
            if not found:
                continue
            included = found.group(1)
            if "../" in included:
                yield Finding(path, number, f"{included}: include by the name of the folder")
            for folder, allowed, banned in INCLUDES:
                if not path.startswith(folder):
                    continue
                if not re.match(allowed, included) or (banned and re.match(banned, included)):
                    yield Finding(path, number, f"{folder} must not include {included}")
                break


def lines_of(count: int) -> str:
    return f"// {SPDX}\n" + "// A line.\n" * (count - 1)


def function_of(count: int) -> str:
    body = "    act();\n" * (count - 2)
    return (f"// {SPDX}\n#define OPEN {{\nnamespace tc {{\nstruct alignas(64) Act {{\n    int x;\n"
            f"    Act() : x{{1}} {{}}\n}};\nconst char* table[] = {{\n"
            + '    "}",\n' * 80 + f"}};\nvoid act() noexcept {{\n{body}}}\n}}  // namespace tc\n")


RULES = [
    Rule("file_length", check_file_length,
         clean={"server/a.cpp": lines_of(500), "scripts/long": "text\n" * 900},
         broken=[{"server/a.cpp": lines_of(501)},
                 {"scripts/long": "#!/bin/bash\n" + "true\n" * 500}]),
    Rule("function_length", check_function_length,
         clean={"server/a.cpp": function_of(70)},
         broken=[{"server/a.cpp": function_of(71)},
                 {"protocol/a.c": function_of(99).replace("namespace tc", 'extern "C"')}]),
    Rule("columns", check_columns,
         clean={"cli/a.cpp": "/" * 99 + "é\n"},
         broken=[{"cli/a.cpp": "/" * 101 + "\n"}, {"cli/a.cpp": "int a; \n"},
                 {"cli/CMakeLists.txt": "\tset(A)\n"}]),
    Rule("licence", check_licence,
         clean={"cli/a.cpp": f"// {SPDX}\n", "man/a.1": f'.\\" {SPDX}\n'},
         broken=[{"cli/a.cpp": "int a;\n"}, {"scripts/run": "#!/bin/bash\ntrue\n"},
                 {"CMakeLists.txt": "project(a)\n"}, {"man/a.1": ".Dd today\n"}]),
    Rule("words", check_words,
         clean={"server/a.cpp": "// TODO(issue-7): a word. std::end(x); shared_pointer\n",
                "cli/b.cpp": "std::shared_ptr<int> a;\n"},
         broken=[{"server/a.cpp": "class PoolManager;\n"}, {"cli/b.cpp": "HelperThing a;\n"},
                 {"cli/b.cpp": "#include <boost/utils.hpp>\n"}, {"cli/b.cpp": "// FIXME\n"},
                 {"cli/b.cpp": "// TODO: later\n"}, {"cli/b.cpp": "out << std::endl;\n"},
                 {"cli/b.cpp": "using namespace std;\n"},
                 {"server/a.cpp": "std::shared_ptr<int> a;\n"}]),
    Rule("names", check_names,
         clean={"server/tag_names.cpp": ""},
         broken=[{"server/utils.cpp": ""}, {"server/common/a.cpp": ""}, {"cli/TagList.hpp": ""}]),
    Rule("machine_paths", check_machine_paths,
         clean={"README.md": "see ~/.config/tagcache, /etc/tagcache, $HOME/src/a\n"},
         broken=[{"README.md": "cd /home/me/tagcache\n"}, {"cli/a.cpp": '"/root/x"\n'}]),
    Rule("includes", check_includes,
         clean={"protocol/a.c": '#include "protocol/a.h"\n#include <string.h>\n',
                "server/store/a.cpp": '#include "store/a.hpp"\n#include <vector>\n',
                "server/a.cpp": '#include <uv.h>\n#include "store/store.hpp"\n',
                "cli/a.cpp": '#include <CLI/CLI.hpp>\n#include "tagcache/tagcache.h"\n',
                "client-lib/a.c": '#include "protocol/wire.h"\n#include <sys/socket.h>\n',
                "tests/a.cpp": '#include "server/a.hpp"\n'},
         broken=[{"protocol/a.c": "#include <stdio.h>\n"},
                 {"protocol/a.c": '#include "store/a.hpp"\n'},
                 {"server/store/a.cpp": "#include <uv.h>\n"},
                 {"server/store/a.cpp": '#include "protocol/wire.h"\n'},
                 {"server/store/a.cpp": '#include "server/a.hpp"\n'},
                 {"server/access/a.cpp": '#include "store/store.hpp"\n'},
                 {"server/a.cpp": '#include "tagcache/tagcache.h"\n'},
                 {"cli/a.cpp": '#include "protocol/wire.h"\n'},
                 {"cli/a.cpp": '#include "client-lib/request.h"\n'},
                 {"client-lib/a.c": "#include <uv.h>\n"},
                 {"client-lib/include/tagcache/a.h": '#include "protocol/wire.h"\n'},
                 {"tests/a.cpp": '#include "../server/a.hpp"\n'}]),
]
