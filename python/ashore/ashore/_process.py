"""Calls the program: hands it what it reads, collects what it prints, logs what it says on the way."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ashore._errors import Failed, error_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

logger = logging.getLogger("ashore")

_ENGINE = Path(__file__).parent / "_engine"

#: The path of the pipeline file that ashore ships: SpaceX's launches and the boosters that flew them.
SPACEX = str(_ENGINE / "share" / "ashore" / "pipelines" / "spacex.yaml")

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}


def command() -> str:
    """Gives the path of the program: that of ``ASHORE_BINARY``, else of this package, else ``ashore`` of the PATH."""
    named = os.environ.get("ASHORE_BINARY")
    if named:
        return named
    engine = _ENGINE / "bin" / "ashore"
    if engine.is_file():
        return str(engine)
    found = shutil.which("ashore")
    if found is None:
        message = f"the program ashore is neither in {_ENGINE} nor on the PATH: install the wheel"
        raise Failed(message, 2)
    return found


def version() -> str:
    """Gives the program's version."""
    return call(["--version"]).stdout.decode().split()[1]


def main() -> None:
    """Becomes the program: the wheel's command ``ashore``."""
    program = command()
    os.execv(program, ["ashore", *sys.argv[1:]])  # noqa: S606  (no shell is meant)


class Finished:
    """A call that ended: its exit code, what it printed, and its last words on stderr."""

    def __init__(self, exit_code: int, stdout: bytes, message: str) -> None:
        """Keeps them."""
        self.exit_code = exit_code
        self.stdout = stdout
        self.message = message


def call(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    stdin: Iterable[bytes] = (),
    exit_codes: Sequence[int] = (0,),
) -> Finished:
    """Calls the program and waits for it.

    Lines of its JSON log go to the logger; other lines of stderr are its message. Where this thread is interrupted
    (Ctrl-C in a notebook) the program is asked to stop and waited for, so that nothing is half done.

    Raises:
        Blocked, Failed: Its exit code is none of ``exit_codes``.
        Exception: What the iterable raises.
    """
    program = command()
    process = subprocess.Popen(  # noqa: S603  (a list, no shell)
        [program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdin is not None  # noqa: S101  (as PIPE says)
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    message: list[str] = []
    failure: list[BaseException] = []
    helpers = [
        threading.Thread(target=_feed, args=(process.stdin, stdin, failure), daemon=True),
        threading.Thread(target=_listen, args=(process.stderr, message), daemon=True),
    ]
    try:
        for helper in helpers:
            helper.start()
        stdout = process.stdout.read()
        exit_code = process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        process.wait()
        raise
    finally:
        for helper in helpers:
            helper.join()
        process.stdout.close()
        process.stderr.close()
    if failure:
        raise failure[0]
    finished = Finished(exit_code, stdout, _message(exit_code, message))
    if exit_code not in exit_codes:
        raise error_of(exit_code, finished.message)
    return finished


def _feed(stdin: IO[bytes], parts: Iterable[bytes], failure: list[BaseException]) -> None:
    # A program that ended early reads no more: its exit code says why.
    with contextlib.suppress(BrokenPipeError):
        try:
            for part in parts:
                stdin.write(part)
        except BrokenPipeError:
            raise
        except BaseException as error:  # noqa: BLE001  (raised by the caller's thread)
            failure.append(error)
        finally:
            stdin.close()


def _listen(stderr: IO[bytes], message: list[str]) -> None:
    for line in stderr:
        text = line.decode(errors="replace").rstrip("\n")
        entry = _log_entry(text)
        if entry is None:
            message.append(text)
            continue
        level = _LEVELS.get(str(entry.get("level")), logging.INFO)
        if logger.isEnabledFor(level):
            logger.log(level, "%s", _words(entry), extra={"ashore": entry})


def _log_entry(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "event" in entry else None


_CONTEXT = ("time", "level", "run_id", "pipeline", "stage", "trace_id", "event")


def _words(entry: dict[str, object]) -> str:
    place = " ".join(str(entry[key]) for key in ("stage", "event") if entry.get(key))
    details = {key: value for key, value in entry.items() if key not in _CONTEXT}
    rest = ", ".join(str(value) if key in ("what", "message") else f"{key} {value}" for key, value in details.items())
    return f"{place}: {rest}" if rest else place


def _message(exit_code: int, lines: list[str]) -> str:
    text = "\n".join(line.removeprefix("ashore: ") for line in lines if line).strip()
    if text:
        return text
    if exit_code < 0:
        return f"ashore was ended by signal {-exit_code}"
    return f"ashore ended with exit code {exit_code}"
