# SPDX-License-Identifier: MIT
"""Usage: elf_hardening.py FILE...
Reads programs and shared libraries back, and fails when one lacks what cmake/hardening.cmake asks
for. Compile switches are told by the debug information, unit by unit, and the rest by what the
linker has written. First proves on small programs of its own that it sees each of them missing."""

import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, Iterator

IS_X86 = platform.machine() == "x86_64"
UNIT_SWITCHES = ["-O2", "-fstack-protector-strong", "-fstack-clash-protection",
                 "-ftrivial-auto-var-init=zero", *(["-fcf-protection=full"] if IS_X86 else [])]
# The C library's own beginning and end of a program are not ours.
OF_LIBC = {"_start", "_init", "_fini", "__libc_csu_init", "__libc_csu_fini"}
ENDBR64 = b"\xf3\x0f\x1e\xfa"


def readelf(path: Path, *arguments: str) -> str:
    return subprocess.run(["readelf", "-W", *arguments, str(path)], check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Segments:
    """The program headers: (type, offset, address, size in the file, flags)."""

    def __init__(self, path: Path):
        row = re.compile(r"^  (\w+) +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x\w+ ([RWE ]{3})", re.MULTILINE)
        self.all = [(kind, int(offset, 16), int(address, 16), int(size, 16), flags)
                    for kind, offset, address, size, flags in row.findall(readelf(path, "-l"))]

    def flags_of(self, wanted: str) -> list[str]:
        return [flags for kind, _, _, _, flags in self.all if kind == wanted]

    def offset_of(self, address: int) -> int:
        return next(address - begin + offset for kind, offset, begin, size, _ in self.all
                    if kind == "LOAD" and begin <= address < begin + size)


def linking_faults(path: Path) -> Iterator[str]:
    dynamic = readelf(path, "-d")
    segments = Segments(path)
    if not re.search(r"Type: +DYN", readelf(path, "-h")):
        yield "it is not position-independent"
    if not re.search(r"\(FLAGS(_1)?\).*\b(BIND_)?NOW\b", dynamic):
        yield "its symbols are bound late (no -z now)"
    if not segments.flags_of("GNU_RELRO"):
        yield "its relocations stay writable (no -z relro)"
    if any("E" in flags for flags in segments.flags_of("GNU_STACK") or ["E"]):
        yield "its stack can be executed"
    if any("W" in flags and "E" in flags for flags in segments.flags_of("LOAD")):
        yield "a part of it can be written and executed"
    if any("E" in flags and offset == 0 for kind, offset, _, _, flags in segments.all
           if kind == "LOAD"):
        yield "its headers can be executed (no -z separate-code)"
    if "(TEXTREL)" in dynamic:
        yield "its code is relocated"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield "it looks for libraries in a folder of its own"


def unit_faults(path: Path) -> Iterator[str]:
    units = re.findall(r"DW_AT_producer.*?(GNU C\S* .*)",
                       readelf(path, "--debug-dump=info", "--dwarf-depth=1"))
    if not units:
        yield "it has no debug information that tells how it was compiled"
    for switch in UNIT_SWITCHES:
        count = sum(f" {switch} " not in unit + " " for unit in units)
        if count > 0:
            yield f"{count} of {len(units)} units were compiled without {switch}"
    count = sum(re.search(r" -f(PIC|PIE) ", unit) is None for unit in units)
    if count > 0:
        yield f"{count} of {len(units)} units were compiled without -fPIC or -fPIE"


def symbol_faults(path: Path) -> Iterator[str]:
    imported = set(re.findall(r" UND (\w+)@", readelf(path, "--dyn-syms")))
    if "__stack_chk_fail" not in imported:
        yield "it checks no stack"
    if not any(name.endswith("_chk") for name in imported):
        yield "it calls no checking function of the C library (no _FORTIFY_SOURCE)"
    of_cxx = any(name.startswith("_ZNSt") or name.startswith("_ZSt") for name in imported)
    if of_cxx and not any("glibcxx_assert_fail" in name for name in imported):
        yield "it does not check what it does with containers (no _GLIBCXX_ASSERTIONS)"
    if IS_X86:
        yield from branch_faults(path)


def branch_faults(path: Path) -> Iterator[str]:
    """The linker's own note is missing, because the C library of Debian 12 has none; so the
    instructions themselves are looked at, where a jump through a pointer may arrive."""
    row = re.compile(r"^ +\d+: (\w+) +\d+ FUNC +(?:GLOBAL|WEAK) +\w+ +\d+ (\S+)", re.MULTILINE)
    functions = {name: int(address, 16) for address, name in row.findall(readelf(path, "-s"))}
    segments = Segments(path)
    content = path.read_bytes()
    bare = [name for name, address in functions.items() if name not in OF_LIBC
            and not content.startswith(ENDBR64, segments.offset_of(address))]
    if bare:
        yield f"{len(bare)} of {len(functions)} functions do not begin with endbr64: {bare[0]}"


def faults(path: Path) -> list[str]:
    return [*linking_faults(path), *unit_faults(path), *symbol_faults(path)]


PROGRAM = """
#include <cstdio>
#include <vector>
int main(int count, char** words) {
    std::vector<int> numbers(count);
    char text[64];
    std::snprintf(text, count, "%s %d", words[0], numbers[count - 1]);
    return std::puts(text);
}
"""
# Each is taken away alone, or turned into its contrary.
SWITCHES = {
    "-O2": ("-O1", "without -O2"),
    "-g1": ("", "no debug information"),
    "-fstack-protector-strong": ("-fno-stack-protector", "checks no stack"),
    "-fstack-clash-protection": ("", "without -fstack-clash-protection"),
    "-ftrivial-auto-var-init=zero": ("", "without -ftrivial-auto-var-init"),
    "-D_FORTIFY_SOURCE=3": ("", "no _FORTIFY_SOURCE"),
    "-D_GLIBCXX_ASSERTIONS": ("", "no _GLIBCXX_ASSERTIONS"),
    "-fPIE": ("-fno-pie -no-pie", "without -fPIC or -fPIE"),
    "-pie": ("-no-pie", "not position-independent"),
    "-Wl,-z,relro": ("-Wl,-z,norelro", "no -z relro"),
    "-Wl,-z,now": ("-Wl,-z,lazy", "no -z now"),
    "-Wl,-z,noexecstack": ("-Wl,-z,execstack", "its stack can be executed"),
    "-Wl,-z,separate-code": ("-Wl,-z,noseparate-code", "no -z separate-code"),
    "-Wl,--as-needed": ("-Wl,-rpath,/tmp", "a folder of its own"),
    **({"-fcf-protection": ("-fcf-protection=none", "do not begin with endbr64")}
       if IS_X86 else {}),
}


def compiled(folder: Path, switches: list[str]) -> Path:
    source = folder / "program.cpp"
    source.write_text(PROGRAM)
    subprocess.run(["g++", *switches, "-o", "program", source.name], cwd=folder,
                   check=True)
    return folder / "program"


def blind_spots(find: Callable[[Path], list[str]]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="tagcache-hardening-") as name:
        folder = Path(name)
        for fault in find(compiled(folder, list(SWITCHES))):
            yield f"a program with all switches is said to be wrong: {fault}"
        for switch, (instead, fault) in SWITCHES.items():
            others = [other for other in SWITCHES if other != switch]
            if switch == "-fPIE":
                others.remove("-pie")
            found = find(compiled(folder, [*others, *instead.split()]))
            if not any(fault in line for line in found):
                yield f"that {switch} is missing is not seen; but {found}"


def main() -> int:
    failures = [f"elf_hardening.py itself: {spot}" for spot in blind_spots(faults)]
    for path in map(Path, sys.argv[1:]):
        failures += [f"{path.name}: {fault}" for fault in faults(path)]
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
