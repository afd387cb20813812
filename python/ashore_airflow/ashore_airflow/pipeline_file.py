"""Finds a pipeline file and reads from it what a DAG needs to know; the binary reads the rest."""

import dataclasses
from pathlib import Path

import yaml


@dataclasses.dataclass(frozen=True)
class PipelineFile:
    """What a DAG needs of a pipeline file.

    ``path`` is relative to ``home``, where it can be: the folder in which commands run, so that the
    pipeline's own relative paths and the default data folder mean what they mean on the command line.
    """

    path: Path
    home: Path
    name: str
    tables: tuple[str, ...]


def find(pipeline: Path, dag_file: Path) -> tuple[Path, Path]:
    """Gives (home, path): a relative path is looked for in each folder above the DAG's file, nearest first.

    An absolute path has its own folder as home.

    Raises FileNotFoundError, naming every folder that was tried.
    """
    folders = [*dag_file.resolve().parents, Path.cwd()]
    if pipeline.is_absolute():
        folders = [pipeline.parent]
    for folder in folders:
        if (folder / pipeline).is_file():
            return folder, pipeline
    tried = ", ".join(str(folder) for folder in folders)
    raise FileNotFoundError(f"there is no pipeline file {pipeline} in any of: {tried}")


def read(pipeline: Path, dag_file: Path) -> PipelineFile:
    """Reads the pipeline file of a DAG.

    Raises FileNotFoundError where there is none, ValueError where it has no name or no tables.
    """
    home, path = find(pipeline, dag_file)
    document = yaml.safe_load((home / path).read_text(encoding="utf-8"))
    name = document.get("name") if isinstance(document, dict) else None
    tables = document.get("tables") if isinstance(document, dict) else None
    if not isinstance(name, str) or not isinstance(tables, dict) or not tables:
        raise ValueError(f"{home / path} is no pipeline file: 'ashore validate {path}' says what is wrong with it")
    return PipelineFile(path=path, home=home, name=name, tables=tuple(str(table) for table in tables))
