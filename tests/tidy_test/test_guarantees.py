"""Every test that docs/guarantees.md names exists."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def known():
    """Names of all tests: `Suite.name`, `test_name`, folders of cases."""
    names = {path.name for path in (ROOT / "tests/cases").iterdir()}
    for path in [*(ROOT / "src").rglob("*_test.cpp"), *(ROOT / "src").rglob("*.h"), *(ROOT / "fuzz").glob("*_test.cpp")]:
        names.update(".".join(pair) for pair in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", path.read_text(), re.MULTILINE))
    for path in (ROOT / "tests").rglob("test_*.py"):
        names.update(re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE))
    return names


def test_every_named_test_exists():
    lines = [line for line in (ROOT / "docs/guarantees.md").read_text().splitlines() if line.startswith("| ")]
    named = {name for line in lines for name in re.findall(r"`([\w.]+)`", line.rsplit("|", 2)[-2])}
    assert len(named) > 50
    assert named - known() == set()
