"""The wheel on Debian 13 with its Python and nothing else: the newest that the tests can have."""

import json
import os
import shutil
import subprocess

import pytest
from conftest import ROOT

SCRIPT = """
import json, pathlib, sys, ashore
report = ashore.run(ashore.SPACEX, source_url="embedded:", data_dir="/opt/data", to="duckdb:/opt/w.duckdb")
pages = [path.read_bytes() for path in sorted(pathlib.Path("/opt/pages").iterdir())]
rows = ashore.transform(ashore.SPACEX, pages)
print(json.dumps({"python": sys.version_info[:2], "status": report.status, "launches": ashore.table("launches", data_dir="/opt/data").num_rows,
                  "uses": ashore.answers(ashore.SPACEX, to="duckdb:/opt/w.duckdb")["max_core_reuse"].rows[0][1],
                  "transformed": {name: batch.num_rows for name, batch in rows.items()}}))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="debootstrap needs root")
def test_everything_works_there(wheel, recorded_pages, tmp_path):
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    mirror = next(line.split()[0] for line in targets.splitlines() if line.split()[1:] == ["bookworm", "main"])
    root = tmp_path / "root"
    script = "/usr/share/debootstrap/scripts/sid"  # Debian 12's debootstrap may not know 13 by name
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", "--include=python3-venv", "trixie", root, mirror, script],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    shutil.copy(wheel, root / "opt")
    shutil.copytree(ROOT / ".deps/wheelhouse/newest", root / "opt/wheelhouse")
    (root / "opt/pages").mkdir()
    for page in recorded_pages:
        shutil.copy(page, root / "opt/pages")

    def inside(*command):
        enter = 'mount --bind /proc "$0/proc" && exec chroot "$0" /usr/bin/env -i HOME=/opt PATH=/usr/bin:/bin "$@"'
        done = subprocess.run(
            ["unshare", "--mount", "bash", "-c", enter, root, *command], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    inside("python3", "-m", "venv", "/opt/venv")
    inside("/opt/venv/bin/pip", "install", "-q", "--no-index", "--find-links", "/opt/wheelhouse", f"/opt/{wheel.name}")
    said = json.loads(inside("/opt/venv/bin/python", "-c", SCRIPT).splitlines()[-1])
    assert said["python"] >= [3, 13]
    assert said == {
        "python": said["python"],
        "status": "published",
        "launches": 205,
        "uses": 14,
        "transformed": {"launches": 205, "cores": 196, "rejected": 0},
    }
