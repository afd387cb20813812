"""Asks a pipeline's questions of its destination."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ashore import _process

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Answer:
    """The answer of one question: named columns, and rows of values in their order."""

    columns: list[str]
    rows: list[list[Any]]

    def to_pylist(self) -> list[dict[str, Any]]:
        """Gives each row as an object, as ``pyarrow.Table.to_pylist`` does."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def answers(
    pipeline: str | os.PathLike[str] | None = None,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    to: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Answer]:
    """Answers the pipeline's questions, by the name of each.

    Args:
        pipeline: The path of the pipeline file; default pipelines/spacex.yaml.
        data_dir: Where raw, stage and runs lie; default resources.
        to: The destination to ask in place of the pipeline's first.
        environment: Variables for this call only.

    Raises:
        Failed: The destination cannot be read, or a question is wrong.
    """
    arguments = ["answers", *([os.fspath(pipeline)] if pipeline is not None else []), "--format=json"]
    if data_dir is not None:
        arguments.append(f"--data-dir={os.fspath(data_dir)}")
    variables = {**(environment or {}), **({"ASHORE_TO": to} if to is not None else {})}
    answered = json.loads(_process.call(arguments, environment=variables).stdout)
    return {name: Answer(answer["columns"], answer["rows"]) for name, answer in answered.items()}
