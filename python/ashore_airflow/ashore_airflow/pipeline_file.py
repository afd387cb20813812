"""Finds a pipeline file and reads from it what a DAG needs to know; the binary reads the rest."""

import dataclasses
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

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


_LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))


def callers() -> tuple[Path, ...]:
    """Gives the files whose code called this package, nearest first: helper modules, then the DAG's file.

    Installed packages and the standard library are left out: no pipeline file lies above them.
    """
    files: dict[Path, None] = {}
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        is_ours = path.parent == Path(__file__).parent
        if path.is_file() and not is_ours and not any(path.is_relative_to(library) for library in _LIBRARIES):
            files[path] = None
        frame = frame.f_back
    return tuple(files)


def dag_file() -> Path:
    """Gives the file that is being imported: the nearest caller that is a module's own code, else the nearest."""
    nearest = callers()[:1]
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if frame.f_code.co_name == "<module>" and path.parent != Path(__file__).parent:
            return path
        frame = frame.f_back
    return nearest[0]


def find(pipeline: Path, files: Sequence[Path]) -> tuple[Path, Path]:
    """Gives (home, path): a relative path is looked for in each folder above each of the files, nearest first.

    An absolute path has its own folder as home.

    Raises FileNotFoundError, naming every folder that was tried.
    """
    folders = list(dict.fromkeys([*(folder for file in files for folder in file.resolve().parents), Path.cwd()]))
    if pipeline.is_absolute():
        folders = [pipeline.parent]
    for folder in folders:
        if (folder / pipeline).is_file():
            return folder, pipeline
    tried = ", ".join(str(folder) for folder in folders)
    raise FileNotFoundError(f"there is no pipeline file {pipeline} in any of: {tried}")


def read(pipeline: Path, files: Sequence[Path]) -> PipelineFile:
    """Reads a pipeline file that code in these files names.

    Raises FileNotFoundError where there is none, ValueError where it has no name or no tables.
    """
    home, path = find(pipeline, files)
    document = yaml.safe_load((home / path).read_text(encoding="utf-8"))
    name = document.get("name") if isinstance(document, dict) else None
    tables = document.get("tables") if isinstance(document, dict) else None
    if not isinstance(name, str) or not isinstance(tables, dict) or not tables:
        raise ValueError(f"{home / path} is no pipeline file: 'ashore validate {path}' says what is wrong with it")
    return PipelineFile(path=path, home=home, name=name, tables=tuple(str(table) for table in tables))
