"""Holds the house to its shape: who includes whom, names, sizes, words; prints each breach with its place."""

import pathlib
import re
import subprocess
import sys

# design.md 6: which rooms a room may include besides itself.
ALL_ROOMS = ["base", "json", "io", "columnar", "spec", "state", "delta", "extract", "transform", "merge",
             "warehouse", "audit", "publish", "load", "report", "simulator", "pipeline", "cloud", "cli"]
STAGES = {"extract", "transform", "merge", "audit", "publish", "load"}
MAY_INCLUDE = {
    "base": set(),
    "json": {"base"},
    "io": {"base"},
    "columnar": {"base", "io"},
    "spec": {"base", "io", "json"},
    "state": {"base", "io", "json"},
    "delta": {"base", "io", "json", "state", "columnar"},
    "extract": {"base", "json", "io", "spec", "state"},
    "transform": {"base", "json", "io", "spec", "state", "columnar"},
    "merge": {"base", "io", "spec", "state", "columnar", "delta"},
    "warehouse": {"base", "io", "columnar"},
    "audit": {"base", "io", "spec", "state", "columnar", "delta", "warehouse"},
    "publish": {"base", "io", "spec", "state", "delta"},
    "load": {"base", "io", "spec", "state", "columnar", "delta", "warehouse"},
    "report": {"base", "io", "json", "state", "spec"},
    "simulator": {"base", "json", "io"},
    "pipeline": set(ALL_ROOMS) - {"simulator", "cloud", "cli"},
    "cloud": {"base", "json", "io", "spec", "state", "extract"},
    "cli": set(ALL_ROOMS),
}
# A stage is entered by its door only.
DOORS = {stage: {f"{stage}/{stage}.h", f"{stage}/options.h"} for stage in STAGES}

LINES_MAX = 600
FUNCTION_LINES_MAX = 70
SOURCE_WORDS = ["launch", "core_id", "totaldocs", "date_utc"]
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|misc)(_|\.|$)")
MACHINE_PATHS = re.compile(r"(^|[^A-Za-z0-9._-])/(work|root|home|farm)/")
PRINTS = re.compile(r"\b(std::cout|std::cerr|printf\s*\(|puts\s*\(|std::fputs)")
LITERALS_AND_COMMENTS = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"(\w*)\(.*?\)\1\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'", re.S)


def without_literals(text):
    """The text with comments and literals blanked; lines stay where they are."""
    return LITERALS_AND_COMMENTS.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def function_lengths(text):
    """(first line, lines) of each brace block that follows a closing parenthesis at namespace or class level."""
    code = without_literals(text)
    depth_is_function, lengths, start = [], [], None
    for position, character in enumerate(code):
        if character == "{":
            before = code[:position].rstrip()
            in_function = any(depth_is_function)
            looks = before.endswith(")") or re.search(r"\)\s*(const|noexcept|override|final|&|&&|\s)+$", before[-60:]) is not None
            is_function = looks and not in_function
            if is_function:
                start = code.count("\n", 0, position) + 1
            depth_is_function.append(is_function)
        elif character == "}" and depth_is_function:
            if depth_is_function.pop() and start is not None:
                lengths.append((start, code.count("\n", 0, position) + 2 - start))
                start = None
    return lengths


def include_breaches(room, text):
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#include "([a-z_]+)/([a-z0-9_/]+\.h)"', line)
        if not match:
            continue
        other = match.group(1)
        if other == room:
            continue
        if other not in MAY_INCLUDE:
            yield number, f"includes '{other}', which is no room"
        elif other not in MAY_INCLUDE[room]:
            yield number, f"room {room} may not include room {other}"
        elif room == "pipeline" and other in STAGES and f"{other}/{match.group(2)}" not in DOORS[other]:
            yield number, f"enters stage {other} not by its door: {match.group(2)}"


def source_breaches(path, text):
    """All breaches of one file under src/; `path` is relative to the repository."""
    parts = pathlib.PurePosixPath(path).parts
    room, name = parts[1], parts[-1]
    if room not in MAY_INCLUDE:
        yield 1, f"'{room}' is no room"
        return
    yield from include_breaches(room, text)
    lines = text.splitlines()
    if not lines or not re.match(r"// [A-Z\[`(0-9a-z].*", lines[0]):
        yield 1, "the first line is no comment that says what the file promises"
    if len(lines) > LINES_MAX:
        yield LINES_MAX, f"{len(lines)} lines, at most {LINES_MAX}"
    if VAGUE_NAMES.search(name):
        yield 1, "a vague name"
    if name.endswith(".h") and "#pragma once" not in text:
        yield 1, "a header without #pragma once"
    if room != "simulator":
        for number, line in enumerate(lines, 1):
            for word in SOURCE_WORDS:
                if word in line.lower():
                    yield number, f"the word '{word}' belongs to the pipeline file"
    is_test = re.search(r"_(test|pgtest|bench|fuzz)\.cpp$|_cases\.h$|_conformance\.h$", name) is not None
    code = without_literals(text)
    for number, line in enumerate(code.splitlines(), 1):
        if room != "cli" and not is_test and re.search(r"\bgetenv\s*\(", line):
            yield number, "only cli reads the environment"
        if room != "cli" and not is_test and PRINTS.search(line) and "snprintf" not in line:
            yield number, "only cli prints"
    if not is_test:
        for number, length in function_lengths(text):
            if length > FUNCTION_LINES_MAX:
                yield number, f"a function of {length} lines, at most {FUNCTION_LINES_MAX}"


def breaches(root, paths):
    found = []
    for path in paths:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.startswith("src/") and path.endswith((".h", ".cpp")):
            found += [f"{path}:{number}: {what}" for number, what in source_breaches(path, text)]
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATHS.search(line) and not path.startswith("tests/tidy_test/"):
                found.append(f"{path}:{number}: a path of somebody's machine")
    return found


def tracked_files(root):
    output = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True,
                            capture_output=True, text=True)
    return [path for path in output.stdout.splitlines() if (root / path).is_file()]


if __name__ == "__main__":
    repository = pathlib.Path(__file__).resolve().parents[2]
    all_breaches = breaches(repository, tracked_files(repository))
    print("\n".join(all_breaches) or "tidy")
    sys.exit(1 if all_breaches else 0)
