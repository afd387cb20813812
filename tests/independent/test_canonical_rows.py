"""The vectors of docs/formats/canonical-rows.md are those that this folder's script computes."""

import pathlib
import subprocess
import sys


def test_the_document_holds_the_computed_vectors():
    script = pathlib.Path(__file__).with_name("canonical_rows.py")
    subprocess.run([sys.executable, script, "--check"], check=True, capture_output=True)
