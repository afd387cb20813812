#!/usr/bin/env python3
"""Makes the repository's snapshot of facts from recorded documents: no prose, no links.

    scripts/make_snapshot.py [RECORDED_FOLDER [OUTPUT_FOLDER]]

Kept: ids, names, dates, numbers, flags, relations, and every key in its stored order.
Made null or empty: prose (details, description, reasons, last_update), links and images.
Output: one JSON array a file, compact, one document a line.
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROSE = {"details", "description", "last_update", "reason"}
LINKS = {"links", "images", "flickr_images", "wikipedia"}


def hollow(value):
    """The same shape with every leaf null and every list empty."""
    if isinstance(value, dict):
        return {key: hollow(inner) for key, inner in value.items()}
    return [] if isinstance(value, list) else None


def facts(value):
    """The value without prose and without links; key order is kept."""
    if isinstance(value, dict):
        return {key: None if key in PROSE else hollow(inner) if key in LINKS else facts(inner)
                for key, inner in value.items()}
    return [facts(item) for item in value] if isinstance(value, list) else value


def check(documents, name):
    """Stops when something that looks like a link or like prose is left."""
    def leaves(value):
        if isinstance(value, dict):
            for inner in value.values():
                yield from leaves(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from leaves(inner)
        elif isinstance(value, str):
            yield value
    for text in leaves(documents):
        if "://" in text or len(text) > 80:
            sys.exit(f"{name}: not a fact: {text!r}")


def write(source, target):
    documents = [facts(document) for document in json.loads(source.read_text("utf-8"))]
    check(documents, target.name)
    lines = [json.dumps(document, ensure_ascii=False, separators=(",", ":")) for document in documents]
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    print(f"{target.name}: {len(documents)} documents")


def main():
    recorded = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/data/spacex"
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "src/simulator/snapshot"
    target.mkdir(parents=True, exist_ok=True)
    entities = recorded / "entities"
    write(recorded / "launches_v5_final.json", target / "launches.json")
    write(entities / "cores_v4_final.json", target / "cores.json")
    write(entities / "rockets_v4_final.json", target / "rockets.json")
    write(next(entities.glob("launchpads_v4_*.json")), target / "launchpads.json")


if __name__ == "__main__":
    main()
