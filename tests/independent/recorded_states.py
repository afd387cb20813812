"""Where the recorded documents lie."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDED = pathlib.Path(os.environ.get("ASHORE_SHARED", ROOT.parent / "shared")) / "data" / "spacex"
SNAPSHOT = ROOT / "src" / "simulator" / "snapshot" / "launches.json"
STATES = {
    "snapshot": SNAPSHOT,
    "final": RECORDED / "launches_v5_final.json",
    "2022-09": RECORDED / "launches_v4_2022-09-17.json",
}
