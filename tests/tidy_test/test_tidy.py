"""The house is tidy, and each rule of tidy.py fires on a bad example."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import pytest
import tidy

GOOD = "// Promises something.\n#pragma once\n"


def found(path, text):
    return [what for _, what in tidy.source_breaches(path, text)]


def test_the_house_is_tidy():
    root = pathlib.Path(__file__).resolve().parents[2]
    assert tidy.breaches(root, tidy.tracked_files(root)) == []


def test_a_good_file_has_no_breach():
    assert found("src/base/good.h", GOOD) == []


@pytest.mark.parametrize("path, text, what", [
    ("src/base/a.h", GOOD + '#include "io/env.h"\n', "may not include"),
    ("src/extract/a.h", GOOD + '#include "merge/merge.h"\n', "may not include"),
    ("src/pipeline/a.h", GOOD + '#include "load/statements.h"\n', "not by its door"),
    ("src/cellar/a.h", GOOD, "is no room"),
    ("src/base/a.h", GOOD + '#include "cellar/a.h"\n', "is no room"),
    ("src/base/a.h", "#pragma once\n", "no comment"),
    ("src/base/a.h", "// Promises.\n", "#pragma once"),
    ("src/base/a.cpp", "// Promises.\n" + "\n" * 700, "lines, at most"),
    ("src/base/string_utils.h", GOOD, "vague name"),
    ("src/base/common.h", GOOD, "vague name"),
    ("src/load/a.cpp", "// Counts Launches.\n", "'launch'"),
    ("src/load/a.cpp", '// Fine.\nconst char* k = "core_id";\n', "'core_id'"),
    ("src/load/a.cpp", '// Fine.\nconst char* k = "totalDocs";\n', "'totaldocs'"),
    ("src/load/a.cpp", "// Fine.\n// date_utc\n", "'date_utc'"),
    ("src/io/a.cpp", "// Fine.\nvoid f() { std::getenv(name); }\n", "environment"),
    ("src/io/a.cpp", "// Fine.\nvoid f() { std::printf(text); }\n", "only cli prints"),
    ("src/io/a.cpp", "// Fine.\nvoid f() {\n" + "  g();\n" * 80 + "}\n", "a function of"),
])
def test_a_breach_is_found(path, text, what):
    assert any(what in breach for breach in found(path, text)), found(path, text)


def test_the_simulator_may_know_the_words():
    assert found("src/simulator/a.h", GOOD + "// launch, core_id, totalDocs, date_utc\n") == []


def test_words_in_literals_are_no_prints():
    assert found("src/io/a.cpp", '// Fine.\nconst char* k = "printf(";\n') == []


def test_a_machine_path_is_found(tmp_path):
    (tmp_path / "note.md").write_text("see /ho" + "me/somebody/x\n")
    assert len(tidy.breaches(tmp_path, ["note.md"])) == 1
