#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Usage: tidy.py --list
       tidy.py RULE ROOT [BUILD]

Checks one rule of the house over the source tree ROOT. Before it does, the rule has to prove
itself on small trees of its own: to find nothing in a clean one, and something in each broken one.
BUILD is the build folder, for the rules that need what was built.
"""

import sys
import tempfile
from pathlib import Path

import document_rules
import text_rules
import tool_rules
from tree import Rule, Tree

RULES: dict[str, Rule] = {
    rule.name: rule for rule in [*text_rules.RULES, *tool_rules.RULES, *document_rules.RULES]
}


def findings_in(rule: Rule, files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="tidy-") as folder:
        for path, text in files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            file.chmod(0o755)
        return [str(finding) for finding in rule.check(Tree(Path(folder), Path(folder, "build")))]


def prove(rule: Rule) -> list[str]:
    """What is wrong with the rule itself."""
    faults = [f"finds fault with a clean tree: {fault}" for fault in findings_in(rule, rule.clean)]
    if not rule.broken:
        faults.append("has nothing that proves that it can fail")
    for change in rule.broken:
        if not findings_in(rule, rule.clean | change):
            faults.append(f"does not see {change}"[:300])
    return faults


def main(arguments: list[str]) -> int:
    if arguments == ["--list"]:
        print(*RULES, sep="\n")
        return 0
    if len(arguments) not in (2, 3) or arguments[0] not in RULES:
        print(__doc__, file=sys.stderr)
        return 2
    rule = RULES[arguments[0]]
    faults = prove(rule)
    for fault in faults:
        print(f"tidy_{rule.name} {fault}")
    found = list(rule.check(Tree(*map(Path, arguments[1:]))))
    for finding in found:
        print(finding)
    print(f"{len(found)} found, {len(rule.broken)} planted ones found before")
    return 1 if faults or found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
