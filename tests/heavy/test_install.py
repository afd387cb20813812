"""An installed tree works from anywhere: make install, moved elsewhere, runs the main job."""

import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_an_installed_tree_can_be_moved_and_runs_the_main_job(tmp_path):
    subprocess.run(["make", "-s", "install", f"PREFIX={tmp_path / 'first'}"], cwd=ROOT, check=True)
    tree = tmp_path / "moved here"
    shutil.move(tmp_path / "first", tree)
    for made in ("man/man1/ashore.1", "bash-completion/completions/ashore", "zsh/site-functions/_ashore", "fish/vendor_completions.d/ashore.fish"):
        assert (tree / "share" / made).stat().st_size > 1000
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    run = subprocess.run(
        [tree / "bin/ashore", "run", tree / "share/ashore/pipelines/spacex.yaml", "--source-url", "embedded:",
         "--data-dir", tmp_path / "data", "--json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout.splitlines()[-1])
    assert report["tables"]["launches"]["inserted"] == 205
    answers = subprocess.run(
        [tree / "bin/ashore", "answers", tree / "share/ashore/pipelines/spacex.yaml", "--data-dir", tmp_path / "data",
         "--format", "json"],
        cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert answers.returncode == 0, answers.stderr
    assert len(json.loads(answers.stdout)["quick_reuse"]["rows"]) == 25
