"""Makes rows of pages that lie in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ashore import _process

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

_NAME = b"ashore.table"


def transform(
    pipeline: str | os.PathLike[str] | bytes,
    pages: Iterable[bytes],
    *,
    threads: int = 1,
    memory: str | int | None = None,
) -> dict[str, pa.RecordBatch]:
    """Gives the rows and the rejections that the engine makes of page bodies.

    Rows are typed, one per key, in key order, as ``ashore transform`` writes them for a landing of these pages. No
    data folder is touched and no request made; no number of rejections is an error. A call costs a process, some
    hundredths of a second, so give many pages at once.

    Args:
        pipeline: The path of the pipeline file, or its text as bytes.
        pages: The bodies, in order: of rows with one key the last page's stays, or as the table says.
        threads: How many threads decode; any number gives the same rows.
        memory: The bound on memory, ``512MB`` or a number of bytes; rows may take half of it.

    Returns:
        A batch per table by its name, and the rejections as ``rejected``, with the columns source_page (the first
        page is page-00001.json), item_index, table, column, rule, value and item.

    Raises:
        Failed: The pipeline file is wrong, or a page is not JSON or has no items; the page is named.
    """
    if isinstance(pipeline, bytes):
        name, text = "pipeline.yaml", pipeline
    else:
        name, text = os.fspath(pipeline), Path(pipeline).read_bytes()
    arguments = ["embed", "transform", name, f"--threads={threads}"]
    if memory is not None:
        arguments.append(f"--memory={memory}B" if isinstance(memory, int) else f"--memory={memory}")
    finished = _process.call(arguments, stdin=_frames(text, pages))
    return dict(_batches(finished.stdout))


def _frames(text: bytes, pages: Iterable[bytes]) -> Iterator[bytes]:
    yield len(text).to_bytes(8, "little")
    yield text
    for page in pages:
        yield len(page).to_bytes(8, "little")
        yield page


def _batches(streams: bytes) -> Iterator[tuple[str, pa.RecordBatch]]:
    import pyarrow as pa  # slow to import, and the command `ashore` does without

    source = pa.BufferReader(streams)
    while source.tell() < len(streams):
        rows = pa.ipc.open_stream(source).read_all()
        name = rows.schema.metadata[_NAME].decode()
        rows = rows.replace_schema_metadata(None).combine_chunks()
        batches = rows.to_batches()
        yield name, batches[0] if batches else pa.RecordBatch.from_pylist([], schema=rows.schema)
