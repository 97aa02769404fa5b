# SPDX-License-Identifier: MIT
"""Rules that keep what is written about the program in step with it."""

import re
import subprocess
from pathlib import Path
from typing import Iterator

from tree import Finding, Rule, Tree


def numbered_lines(tree: Tree, path: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(tree.lines(path), 1)


def check_links(tree: Tree) -> Iterator[Finding]:
    """Every relative link of a document leads to a file."""
    for path in tree.documents():
        for number, line in numbered_lines(tree, path):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if "://" not in target and not (tree.root / path).parent.joinpath(target).exists():
                    yield Finding(path, number, f"a link to {target}, which is not there")


def code_lines(tree: Tree, path: str) -> Iterator[tuple[int, str]]:
    """The lines of a document's fenced blocks, without a prompt in front."""
    is_inside = False
    for number, line in numbered_lines(tree, path):
        if line.startswith("```"):
            is_inside = not is_inside
        elif is_inside:
            yield number, re.sub(r"^\s*[$#] ", "", line).strip()


def help_of(tree: Tree, *command: str) -> str:
    """What `program ... --help` of the build prints; "" when there is no such program."""
    program = tree.build / "bin" / command[0] if tree.build else Path(command[0])
    if not program.is_file():
        return ""
    done = subprocess.run([program, *command[1:], "--help"], capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL)
    return done.stdout


REPOSITORY_COMMAND = re.compile(r"(?:\./)?((?:scripts|examples|bench|\.ci)/[\w./-]+)")
CLI_COMMAND = re.compile(r"(?:\./|build/release/bin/|\S+=\S+ )*tagcache\s+([a-z][a-z-]*)")


def check_commands(tree: Tree) -> Iterator[Finding]:
    """What README.md tells a reader to type can be typed."""
    if "README.md" not in tree:
        yield Finding("README.md", 1, "is missing")
        return
    cli_help = help_of(tree, "tagcache")
    for number, line in code_lines(tree, "README.md"):
        script = REPOSITORY_COMMAND.match(line)
        if script and not (tree.root / script.group(1)).exists():
            yield Finding("README.md", number, f"{script.group(1)} is not there")
        subcommand = CLI_COMMAND.match(line)
        if subcommand and not re.search(rf"^\s+{subcommand.group(1)}\b", cli_help, re.MULTILINE):
            yield Finding("README.md", number, f"tagcache has no command {subcommand.group(1)}")


def test_names(tree: Tree) -> set[str]:
    """The names of all tests in the sources."""
    names = set()
    for path in tree.paths:
        if not path.startswith(("tests/", "client-lib/")):
            continue
        text = tree.text(path) if path.endswith((".cpp", "CMakeLists.txt")) else ""
        cases = re.findall(r'(?:TEST_CASE|SCENARIO)\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)', text)
        names |= {"".join(re.findall(r'"((?:\\.|[^"\\])*)"', case)) for case in cases}
        names |= set(re.findall(r"add_test\(\s*NAME\s+([\w.-]+)", text))
    return names


def check_guarantees(tree: Tree) -> Iterator[Finding]:
    """docs/guarantees.md names for each guarantee the tests that break with it, in a list below its
    heading, each in double quotes; or says that it is not there yet."""
    path = "docs/guarantees.md"
    if path not in tree:
        yield Finding(path, 1, "is missing")
        return
    sections = re.split(r"^## (?=G\d+\b)", tree.text(path), flags=re.MULTILINE)
    known = test_names(tree)
    found = {section.split()[0].rstrip(".:") for section in sections[1:]}
    for missing in sorted({f"G{number}" for number in range(1, 11)} - found):
        yield Finding(path, 1, f"{missing} is missing")
    for section in sections[1:]:
        guarantee = section.split()[0]
        named = re.findall(r'^- "(.*?)"', section, re.MULTILINE)
        if not named and "not there yet" not in section:
            yield Finding(path, 1, f"{guarantee} names no test")
        for name in named:
            if name not in known:
                yield Finding(path, 1, f"{guarantee}: no test is called \"{name}\"")
    yield from defences_without_test(tree, known)


def defences_without_test(tree: Tree, known: set[str]) -> Iterator[Finding]:
    """What SECURITY.md says to be defended is, in the same form of a list."""
    path = "SECURITY.md"
    for name in re.findall(r'^- "(.*?)"', tree.text(path) if path in tree else "", re.MULTILINE):
        if name not in known:
            yield Finding(path, 1, f"no test is called \"{name}\"")


def check_six_steps(tree: Tree) -> Iterator[Finding]:
    """The files that "Add a command in six steps" names are there."""
    path = "CONTRIBUTING.md"
    section = re.search(r"^## Add a command in six steps$(.*?)(?=^## |\Z)",
                        tree.text(path) if path in tree else "", re.MULTILINE | re.DOTALL)
    if not section:
        yield Finding(path, 1, "'Add a command in six steps' is missing")
        return
    steps = re.findall(r"^\d\. .*", section.group(1), re.MULTILINE)
    if len(steps) != 6:
        yield Finding(path, 1, f"{len(steps)} steps instead of six")
    for named in re.findall(r"`([\w.-]+/[\w./-]+)`", section.group(1)):
        if not (tree.root / named).exists():
            yield Finding(path, 1, f"{named} is not there")


# Commands of tagcache that hand their arguments, --help too, to another program.
HANDED_ON = {"server"}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def help_options(tree: Tree, program: str) -> set[str]:
    """The long options of a program and of its subcommands, two levels deep."""
    text = help_of(tree, program)
    options = set(OPTION.findall(text))
    for name in sorted(set(subcommands(text)) - HANDED_ON):
        subtext = help_of(tree, program, name)
        options |= set(OPTION.findall(subtext))
        for second in subcommands(subtext):
            options |= set(OPTION.findall(help_of(tree, program, name, second)))
    return options


def subcommands(help_text: str) -> list[str]:
    """The names under a heading that ends in "ommands:"."""
    names, is_listing = [], False
    for line in help_text.splitlines():
        if re.match(r"\S.*:$", line):
            is_listing = line.lower().endswith("commands:")
        found = re.match(r"  ([a-z][a-z-]*)\b", line)
        if is_listing and found:
            names.append(found.group(1))
    return names


def man_options(tree: Tree, path: str) -> set[str]:
    """The long options an mdoc page speaks of: Fl -name."""
    text = tree.text(path).replace("\\-", "-")
    return {f"-{name}" for name in re.findall(r"\bFl (-[a-z][a-z-]+)", text)}


def check_man_options(tree: Tree) -> Iterator[Finding]:
    """A program's --help and its man page have the same options."""
    for program, path in [("tagcached", "man/tagcached.8"), ("tagcache", "man/tagcache.1")]:
        if path not in tree:
            yield Finding(path, 1, "is missing")
            continue
        offered, described = help_options(tree, program), man_options(tree, path)
        if program == "tagcached":
            described |= settings_options(tree)
        if not offered:
            yield Finding(path, 1, f"{program} --help prints no option, or is not built")
        for option in sorted(offered - described):
            yield Finding(path, 1, f"does not describe {option} of {program} --help")
        for option in sorted(described - offered):
            yield Finding(path, 1, f"describes {option}, which {program} --help does not know")


def settings_options(tree: Tree) -> set[str]:
    """Those of tagcached.toml(5), which is made from the table of settings."""
    page = tree.build / "man" / "tagcached.toml.5"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {f"-{name}" for name in re.findall(r"^\.Fl (-[a-z][a-z-]+)", text, re.MULTILINE)}


def fake_program(text: str) -> str:
    return f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n"


FAKE_TAGCACHE = """#!/bin/sh
case $1 in
get) echo '  --raw  as is' ;;
*) printf 'Options:\\n  --host H\\n\\nCommands:\\n  get  reads\\n' ;;
esac
"""

GUARANTEES = "\n".join(f"## G{number} It holds\n\n- \"it holds\"\n" for number in range(1, 11))
STEPS = "# C\n## Add a command in six steps\n" + "".join(
    f"{number}. in `docs/protocol.md`\n" for number in range(1, 7))

RULES = [
    Rule("links", check_links,
         clean={"README.md": "[a](docs/a.md) [b](https://b.example)\n",
                "docs/a.md": "[r](../README.md)"},
         broken=[{"README.md": "[a](docs/b.md)\n"}, {"docs/a.md": "[r](README.md#top)"}]),
    Rule("commands", check_commands,
         clean={"README.md": "```sh\n$ scripts/run\ntagcache get a\n```\n", "scripts/run": "",
                "build/bin/tagcache": FAKE_TAGCACHE},
         broken=[{"README.md": "```\nscripts/fly\n```\n"},
                 {"README.md": "```\ntagcache fly\n```\n"}]),
    Rule("guarantees", check_guarantees,
         clean={"docs/guarantees.md": GUARANTEES,
                "tests/a.cpp": 'TEST_CASE("it "\n    "holds", "[a]") {}\n'},
         broken=[{"docs/guarantees.md": GUARANTEES.replace("it holds", "it flies", 1)},
                 {"docs/guarantees.md": GUARANTEES.replace("## G7", "## H7")},
                 {"docs/guarantees.md": GUARANTEES.replace('- "it holds"', "", 1)},
                 {"SECURITY.md": '- "it flies"\n'}]),
    Rule("six_steps", check_six_steps,
         clean={"CONTRIBUTING.md": STEPS, "docs/protocol.md": ""},
         broken=[{"CONTRIBUTING.md": STEPS + "7. one more\n"}, {"CONTRIBUTING.md": "# C\n"},
                 {"CONTRIBUTING.md": STEPS.replace("docs/protocol.md", "docs/wire.md", 1)}]),
    Rule("man_options", check_man_options,
         clean={"build/bin/tagcached": fake_program("Options:\n  --port N"),
                "build/bin/tagcache": FAKE_TAGCACHE,
                "man/tagcached.8": ".It Fl -port Ar N\n",
                "man/tagcache.1": ".It Fl -host Ar H\n.It Fl -raw\n"},
         broken=[{"man/tagcached.8": ".It Fl -prt Ar N\n"}, {"man/tagcached.8": ""},
                 {"man/tagcached.8": ".It Fl -port Ar N\n.It Fl -no-such\n"},
                 {"man/tagcache.1": ".It Fl -host Ar H\n"}]),
]
