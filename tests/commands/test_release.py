"""scripts/release gathers the fragments once and writes the version everywhere, or changes nothing."""

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACES = ("CMakeLists.txt", "python/ashore_airflow/pyproject.toml", "python/ashore/pyproject.toml", "python/ashore/ashore/__init__.py")


@pytest.fixture
def checkout(tmp_path):
    for name in PLACES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "changelog.d").mkdir()
    for name, text in (("README.md", "How.\n"), ("b.added.md", "B came.\nIt is new.\n"), ("a.added.md", "A came.\n"), ("c.fixed.md", "C works.\n")):
        (tmp_path / "changelog.d" / name).write_text(text)
    return tmp_path


def release(checkout, version):
    return subprocess.run([ROOT / "scripts/release", version, checkout], capture_output=True, text=True,
                          env={"SOURCE_DATE_EPOCH": "1700000000", "PATH": "/usr/bin:/bin"})


def test_fragments_become_a_section_and_go(checkout):
    assert release(checkout, "7.0.0").returncode == 0
    text = (checkout / "CHANGELOG.md").read_text()
    assert text.endswith("## 7.0.0 (2023-11-14)\n\n### Added\n\n- A came.\n- B came. It is new.\n\n### Fixed\n\n- C works.\n")
    assert [path.name for path in (checkout / "changelog.d").iterdir()] == ["README.md"]
    assert all("7.0.0" in (checkout / name).read_text() for name in PLACES)
    (checkout / "changelog.d/d.removed.md").write_text("D is gone.\n")
    assert release(checkout, "7.0.1").returncode == 0
    text = (checkout / "CHANGELOG.md").read_text()
    assert text.index("## 7.0.1") < text.index("## 7.0.0")
    assert text.count("# Changelog\n") == 1


@pytest.mark.parametrize(("version", "why"), [("7.0", "MAJOR.MINOR.PATCH"), ("0.0.1", "not larger")])
def test_a_wrong_version_changes_nothing(checkout, version, why):
    done = release(checkout, version)
    assert done.returncode != 0
    assert why in done.stderr
    assert not (checkout / "CHANGELOG.md").exists()
    assert len(list((checkout / "changelog.d").iterdir())) == 4
    assert [(checkout / name).read_text() for name in PLACES] == [(ROOT / name).read_text() for name in PLACES]


def test_a_fragment_of_no_kind_is_refused(checkout):
    (checkout / "changelog.d/e.improved.md").write_text("E.\n")
    done = release(checkout, "7.0.0")
    assert done.returncode != 0
    assert "e.improved.md" in done.stderr


def test_every_fragment_here_has_a_kind():
    for path in (ROOT / "changelog.d").iterdir():
        assert path.name == "README.md" or path.name.split(".")[-2] in ("added", "changed", "fixed", "removed"), path.name
