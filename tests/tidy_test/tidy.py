"""Holds the house to its shape: who includes whom, names, sizes, words; prints each breach with its place."""

import json
import pathlib
import re
import subprocess
import sys

# docs/architecture.md: which rooms a room may include besides itself, in the order in which they are built.
STAGES = ["extract", "transform", "merge", "audit", "publish", "load"]
MAY_INCLUDE = {
    "base": set(),
    "json": {"base"},
    "io": {"base"},
    "columnar": {"base", "json", "io"},
    "config": {"base", "io", "json"},
    "state": {"base", "json", "io"},
    "delta": {"base", "json", "io", "state", "columnar"},
    "extract": {"base", "json", "io", "config", "state"},
    "transform": {"base", "json", "io", "config", "state", "columnar"},
    "merge": {"base", "io", "config", "state", "columnar", "delta"},
    "warehouse": {"base", "io", "columnar"},
    "audit": {"base", "io", "config", "state", "columnar", "delta", "warehouse"},
    "publish": {"base", "io", "config", "state", "delta"},
    "load": {"base", "io", "config", "state", "columnar", "delta", "warehouse"},
    "report": {"base", "io", "config", "state"},
    "run": {"base", "io", "config", "state", "delta", "warehouse", "report", *STAGES},
    "rebuild": {"base", "io", "columnar", "config", "state", "delta", "report", "publish", "run"},
    "reconcile": {"base", "io", "columnar", "config", "state", "delta", "warehouse", "extract", "load", "run"},
    "inspect": {"base", "io", "config", "state", "delta", "warehouse", "load", "run"},
    "embed": {"base", "io", "columnar", "config", "state", "delta", "transform"},
    "simulator": {"base"},
    "cloud": {"base", "config", "extract", "io", "state"},
    "cli": {"base", "io", "config", "state", "report", "extract", "load", "run", "rebuild", "reconcile", "inspect", "embed", "cloud", "simulator"},
}
# A stage is entered by its door only.
DOORS = {stage: {f"{stage}/{stage}.h", f"{stage}/options.h"} for stage in STAGES}
# The shipped program replays crashes with the clock and the chance of tests (docs/decisions/0012-fault-points.md).
MAY_INCLUDE_TEST_SUPPORT = {"src/cli/runtime.cpp"}

LINES_MAX = 600
FUNCTION_LINES_MAX = 70
SOURCE_WORDS = ["launch", "core_id", "totaldocs", "date_utc"]
VAGUE_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|misc)(_|\.|$)")
# docs/decisions/0037-one-of-each.md: what a second one would be called or would call, and the one file that may.
ONE_OF_EACH = [
    ("a second reader of urls", {"src/io/url.cpp"},
     re.compile(r"\bcurl_url(_set|_get)?\s*\(|\b(split|parse|resolve)_url\b|\bUrlParts\w*|\borigin_of\b")),
    ("a second percent-encoder", {"src/base/percent_encoding.cpp", "src/base/percent_encoding.h"},
     re.compile(r"(?<![:\w])(percent|hive|uri)_(en|de|esc)\w+\s*\(|\bcurl_easy_(un)?escape\b|0123456789ABCDEF|%%%02X")),
    ("a second JSON escaper", {"src/json/text.cpp"},
     re.compile(r"\b(append_json_\w+|json_(string|escape\w*|quoted)|escaped?_json|quoted?_json)\s*\(|\\\\u00\"")),
    ("a second escape of pointers", {"src/json/text.cpp", "src/json/text.h"}, re.compile(r"(?<!:)\b(pointer_token|escaped?_token)\s*\(std::")),
    ("a second number test", {"src/json/text.cpp"}, re.compile(r"\bis_(json_)?number\s*\(std::string_view \w+\) \{")),
    ("a second base64", set(), re.compile(r"ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    ("a second reader of HTTP dates", {"src/io/http_date.cpp"}, re.compile(r"\bstrptime\s*\(|\bcurl_getdate\s*\(")),
    ("a second cut between characters", {"src/base/short_text.cpp"}, re.compile(r"&\s*0xc0U?\)\s*==\s*0x80U?\)\s*(\{|--|\w+\.pop_back)")),
    ("a second kind of regular expression", {"src/base/pattern.cpp", "src/base/pattern.h"}, re.compile(r"\bstd::regex|\bre2::RE2\b")),
]
PARAMETERS_MAX = 5
# Identifiers and keys that docs/decisions/0036-field-terms.md retired; names, not words: "the lock is held" is fine.
RETIRED_NAMES = re.compile(
    r"\b(withdrawn|withdrawals?|withdraws?|vanished|vanishes|unasked|fates?|SettledRows|KeySettler|FileFate|VanishedRows|is_held|"
    r"kHeld\w*|held_by_\w+|hold_on_drift|kVanished|kWithdrawn|list_aside|write_aside|Stead|stead_|may_vanish|can_vanish|Standing)\b"
    r'|"held"|"hold"')
MAY_NAME_RETIRED = {"src/state/summary.cpp", "src/delta/candidate.cpp", "src/report/run_report.cpp", "src/report/page/page.js",
                    "src/config/table_section.cpp", "src/config/keys.cpp"}  # they read the earlier names
SUPPORT_NAMES = re.compile(r"(^|_)(fake|fixture|cases|conformance|scripted|failing|testing)(_|\.h$)")
OUTSIDE_DOCUMENTS = re.compile(r"\b(design|contracts|models|components)\.md\b")
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


def parameter_counts(text):
    """(line, name, parameters) of each function that is declared or defined; calls are told by what stands around them."""
    code = without_literals(text)
    for match in re.finditer(r"\b([A-Za-z_]\w*)\s*\(", code):
        depth, angle, commas, at = 1, 0, 0, match.end()
        while at < len(code) and depth:
            character = code[at]
            if character in "([{":
                depth += 1
            elif character in ")]}":
                depth -= 1
            elif character == "<":
                angle += 1
            elif character == ">" and code[at - 1] != "-":
                angle = max(0, angle - 1)
            elif character == "," and depth == 1 and angle == 0:
                commas += 1
            at += 1
        parameters = code[match.end():at - 1]
        before = code[max(0, match.start() - 80):match.start()]
        is_declared = re.match(r"(const|noexcept|override|&&|\s)*(\{|;|:[^:])", code[at:at + 40].lstrip()) and \
            re.search(r"[\w>&*]\s+$|\w::$|[;}{]\s*$|explicit $", before) and \
            re.search(r"\b(const|std::|io::|base::|int|bool|double)\b", parameters) and \
            not re.search(r"\b(return|TRY|else|co_return)\s+$", before)
        if is_declared and parameters.strip():
            yield code.count("\n", 0, match.start()) + 1, match.group(1), commas + 1


# pytest puts each folder's conftest.py on the path under the same name.
CONFTEST_IMPORTS = re.compile(r"^\s*(from|import) conftest\b", re.M)


def is_test(path):
    return re.search(r"_(test|pgtest|bench|fuzz)\.cpp$|/testing/", path) is not None


def include_breaches(path, text):
    room = pathlib.PurePosixPath(path).parts[1]
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#include "([a-z_]+)/([a-z0-9_/]+\.h)"', line)
        if not match:
            continue
        other = match.group(1)
        if match.group(2).startswith("testing/") and not is_test(path) and path not in MAY_INCLUDE_TEST_SUPPORT:
            yield number, "only tests may include the support code of tests"
        if other == room:
            continue
        if other not in MAY_INCLUDE:
            yield number, f"includes '{other}', which is no room"
        elif other not in MAY_INCLUDE[room]:
            yield number, f"room {room} may not include room {other}"
        elif other in STAGES and not is_test(path) and f"{other}/{match.group(2)}" not in DOORS[other]:
            yield number, f"enters stage {other} not by its door: {match.group(2)}"


def source_breaches(path, text):
    """All breaches of one file under src/; `path` is relative to the repository."""
    parts = pathlib.PurePosixPath(path).parts
    room, name = parts[1], parts[-1]
    if room not in MAY_INCLUDE:
        yield 1, f"'{room}' is no room"
        return
    yield from include_breaches(path, text)
    lines = text.splitlines()
    if not lines or not re.match(r"// [A-Z\[`(0-9a-z].*", lines[0]):
        yield 1, "the first line is no comment that says what the file promises"
    if len(lines) > LINES_MAX:
        yield LINES_MAX, f"{len(lines)} lines, at most {LINES_MAX}"
    if SUPPORT_NAMES.search(name) and parts[2] != "testing":
        yield 1, "support code of tests belongs into testing/"
    if VAGUE_NAMES.search(name):
        yield 1, "a vague name"
    if name.endswith(".h") and "#pragma once" not in text:
        yield 1, "a header without #pragma once"
    if not is_test(path) and path not in MAY_NAME_RETIRED:
        for number, line in enumerate(lines, 1):
            if match := RETIRED_NAMES.search(line):
                yield number, f"'{match.group()}' is a retired name: see docs/decisions/0036-field-terms.md"
    if room != "simulator":
        for number, line in enumerate(lines, 1):
            for word in SOURCE_WORDS:
                if word in line.lower():
                    yield number, f"the word '{word}' belongs to the pipeline file"
    code = without_literals(text)
    for number, line in enumerate(code.splitlines(), 1):
        if room != "cli" and not is_test(path) and re.search(r"\bgetenv\s*\(", line):
            yield number, "only cli reads the environment"
        if room != "cli" and not is_test(path) and PRINTS.search(line) and "snprintf" not in line:
            yield number, "only cli prints"
    if not is_test(path):
        for what, allowed, pattern in ONE_OF_EACH:
            for number, line in enumerate(lines, 1):
                if path not in allowed and not line.lstrip().startswith("//") and pattern.search(line):
                    yield number, f"{what}: see docs/decisions/0037-one-of-each.md"
        for number, name, count in parameter_counts(text):
            if count > PARAMETERS_MAX:
                yield number, f"{name} has {count} parameters, at most {PARAMETERS_MAX}"
        for number, length in function_lengths(text):
            if length > FUNCTION_LINES_MAX:
                yield number, f"a function of {length} lines, at most {FUNCTION_LINES_MAX}"


def notebook_breaches(text):
    """A notebook is kept without what a run of it left: results come from whoever runs it."""
    for index, cell in enumerate(json.loads(text)["cells"], 1):
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"cell {index} keeps its outputs: strip them"


def breaches(root, paths):
    found = []
    for path in paths:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.startswith("src/") and path.endswith((".h", ".cpp")):
            found += [f"{path}:{number}: {what}" for number, what in source_breaches(path, text)]
        if path.startswith("tests/") and path.endswith(".py") and CONFTEST_IMPORTS.search(text):
            found.append(f"{path}: imports from a conftest: of several that are loaded it may be another")
        if path.endswith(".ipynb"):
            found += [f"{path}: {what}" for what in notebook_breaches(text)]
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATHS.search(line) and not path.startswith("tests/tidy_test/"):
                found.append(f"{path}:{number}: a path of somebody's machine")
            if OUTSIDE_DOCUMENTS.search(line) and not path.startswith("tests/tidy_test/"):
                found.append(f"{path}:{number}: refers to a document that is not in the repository")
    return found


def rooms_included(root):
    """Which rooms each room includes besides itself."""
    used = {room: set() for room in MAY_INCLUDE}
    for path in tracked_files(root):
        if path.startswith("src/") and path.endswith((".h", ".cpp")):
            room = pathlib.PurePosixPath(path).parts[1]
            used[room] |= set(re.findall(r'#include "([a-z_]+)/', (root / path).read_text())) - {room}
    return used


def tracked_files(root):
    output = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True,
                            capture_output=True, text=True)
    return [path for path in output.stdout.splitlines() if (root / path).is_file()]


if __name__ == "__main__":
    repository = pathlib.Path(__file__).resolve().parents[2]
    all_breaches = breaches(repository, tracked_files(repository))
    print("\n".join(all_breaches) or "tidy")
    sys.exit(1 if all_breaches else 0)
