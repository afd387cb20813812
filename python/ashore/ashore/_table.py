"""Reads a published table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ashore import _process

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


def table(
    name: str,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    columns: Sequence[str] = (),
    version: int | None = None,
) -> pa.Table:
    """Gives the rows of a published table, every file verified by its digest.

    Args:
        name: The table's name.
        data_dir: Where raw, stage and runs lie; default resources.
        columns: Only these, in this order; default all.
        version: The table as it was at this version; default the newest.

    Raises:
        Failed: No such table, column or version, or a damaged file, which is named.
    """
    import pyarrow as pa  # slow to import, and the command `ashore` does without

    arguments = ["embed", "table", name]
    if data_dir is not None:
        arguments.append(f"--data-dir={os.fspath(data_dir)}")
    arguments += [f"--column={column}" for column in columns]
    if version is not None:
        arguments.append(f"--version={version}")
    with pa.ipc.open_stream(pa.py_buffer(_process.call(arguments).stdout)) as stream:
        return stream.read_all()
