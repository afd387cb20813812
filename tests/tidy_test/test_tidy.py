"""The house is tidy, and each rule of tidy.py fires on a bad example."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import pytest
import tidy

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD = "// Promises something.\n#pragma once\n"


def found(path, text):
    return [what for _, what in tidy.source_breaches(path, text)]


def test_the_house_is_tidy():
    assert tidy.breaches(ROOT, tidy.tracked_files(ROOT)) == []


@pytest.mark.parametrize("record", sorted((ROOT / "docs/decisions").glob("0*.md")), ids=lambda path: path.stem)
def test_a_decision_record_is_whole(record):
    text = record.read_text()
    assert re.match(r"# \d{4}: .+\n\n- Date: \d{4}-\d{2}-\d{2}\n- Status: accepted", text), text[:200]
    assert re.search(r"^(## |\*\*)Alternatives", text, re.MULTILINE) and re.search(r"^(## |\*\*)Consequences", text, re.MULTILINE)
    assert record.name in (ROOT / "docs/decisions/README.md").read_text()


def test_no_permission_is_unused():
    assert tidy.rooms_included(ROOT) == tidy.MAY_INCLUDE


def test_the_table_of_rooms_in_the_docs_is_the_one_that_is_held():
    lines = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert {room: set(re.findall(r"\w+", rooms)) for room, rooms in lines} == tidy.MAY_INCLUDE


def test_a_good_file_has_no_breach():
    assert found("src/base/good.h", GOOD) == []


@pytest.mark.parametrize("path, text, what", [
    ("src/base/a.h", GOOD + '#include "io/env.h"\n', "may not include"),
    ("src/extract/a.h", GOOD + '#include "merge/merge.h"\n', "may not include"),
    ("src/run/a.h", GOOD + '#include "load/statements.h"\n', "not by its door"),
    ("src/cli/a.h", GOOD + '#include "load/scope.h"\n', "not by its door"),
    ("src/run/a.h", GOOD + '#include "rebuild/replay.h"\n', "may not include"),
    ("src/reconcile/a.h", GOOD + '#include "rebuild/replay.h"\n', "may not include"),
    ("src/run/a.cpp", '// Runs.\n#include "io/testing/fake_clock.h"\n', "support code of tests"),
    ("src/io/fake_clock.h", GOOD, "belongs into testing/"),
    ("src/load/load_cases.h", GOOD, "belongs into testing/"),
    ("src/pipeline/a.h", GOOD, "is no room"),
    ("src/extract/a.cpp", "// Reads.\nUrlPartsView split_url(std::string_view url) {\n", "a second reader of urls"),
    ("src/cli/a.cpp", "// Reads.\nauto* handle = curl_url();\n", "a second reader of urls"),
    ("src/delta/a.cpp", "// Encodes.\nstd::string percent_encode(std::string_view text) {\n", "a second percent-encoder"),
    ("src/delta/a.cpp", '// Encodes.\nconstexpr char kHex[] = "0123456789ABCDEF";\n', "a second percent-encoder"),
    ("src/load/a.cpp", "// Encodes.\nchar* text = curl_easy_escape(handle, name, 0);\n", "a second percent-encoder"),
    ("src/delta/a.cpp", "// Writes.\nvoid append_json_string(std::string_view text) {\n", "a second JSON escaper"),
    ("src/delta/a.cpp", '// Writes.\n*json += "\\\\u00";\n', "a second JSON escaper"),
    ("src/transform/a.cpp", "// Names.\nstd::string pointer_token(std::string_view key) {\n", "a second escape of pointers"),
    ("src/config/a.cpp", "// Reads.\nbool is_number(std::string_view text) {\n", "a second number test"),
    ("src/extract/a.cpp", '// Encodes.\nauto k = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";\n', "a second base64"),
    ("src/extract/a.cpp", "// Reads.\n  ::strptime(text, form, &parts);\n", "a second reader of HTTP dates"),
    ("src/audit/a.cpp", "// Reads.\nstd::regex pattern;\n", "a second kind of regular"),
    ("src/io/a.h", GOOD + "void f(int a, int b, std::map<int, int> c, int d, int e, int g);\n", "6 parameters"),
    ("src/io/a.cpp", "// F.\nA::A(int a, int b,\n     int c, int d, int e, const B& g)\n    : a_(a) {}\n", "6 parameters"),
    ("src/merge/a.h", GOOD + "int withdrawn = 0;\n", "a retired name"),
    ("src/run/a.h", GOOD + "bool is_held();\n", "a retired name"),
    ("src/run/a.cpp", '// Runs.\nconst char* kStatus = "held";\n', "a retired name"),
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
    ("src/io/a.cpp", "// Fine.\nvoid f() {\n  while ((static_cast<unsigned char>(t[n]) & 0xc0U) == 0x80U) --n;\n}\n", "cut between characters"),
    ("src/io/a.cpp", "// Fine.\nvoid f() {\n" + "  g();\n" * 80 + "}\n", "a function of"),
])
def test_a_breach_is_found(path, text, what):
    assert any(what in breach for breach in found(path, text)), found(path, text)


def test_the_simulator_may_know_the_words():
    assert found("src/simulator/a.h", GOOD + "// launch, core_id, totalDocs, date_utc\n") == []


def test_five_parameters_and_long_calls_are_fine():
    assert found("src/io/a.cpp", "// F.\nvoid f(int a, int b, std::map<int, int> c, int d, int e) {\n  g(a, b, c, d, e, 1, 2);\n}\n") == []


def test_a_lock_may_be_held():
    assert found("src/io/a.h", GOOD + "// The lock is held by one process.\n") == []


def test_words_in_literals_are_no_prints():
    assert found("src/io/a.cpp", '// Fine.\nconst char* k = "printf(";\n') == []


def test_a_document_of_elsewhere_is_found(tmp_path):
    (tmp_path / "note.h").write_text("// As design" + ".md 4 says.\n")
    assert len(tidy.breaches(tmp_path, ["note.h"])) == 1


def test_a_machine_path_is_found(tmp_path):
    (tmp_path / "note.md").write_text("see /ho" + "me/somebody/x\n")
    assert len(tidy.breaches(tmp_path, ["note.md"])) == 1


def test_an_import_from_a_conftest_is_found(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").write_text("def f():\n    from conf" + "test import ROOT\n")
    assert "conftest" in tidy.breaches(tmp_path, ["tests/test_a.py"])[0]


def test_a_notebook_with_outputs_is_found(tmp_path):
    cell = {"cell_type": "code", "source": "1", "outputs": [], "execution_count": None}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert tidy.breaches(tmp_path, ["a.ipynb"]) == []
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell, cell | {"execution_count": 3}]}))
    assert "cell 2" in tidy.breaches(tmp_path, ["a.ipynb"])[0]
