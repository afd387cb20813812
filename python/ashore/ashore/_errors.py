"""The errors that calls raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ashore._report import Report


class Error(RuntimeError):
    """A call of ashore did not do what it should.

    Attributes:
        message: What went wrong, where, and what to do, as the program said it.
        exit_code: The program's: 1 running again may help, 2 a retry cannot fix it, 3 and 4 blocked, 70 a bug.
        report: The run's report, where it went far enough to have one.
    """

    def __init__(self, message: str, exit_code: int, report: Report | None = None) -> None:
        """Keeps what the program said."""
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.report = report

    def __reduce__(self) -> tuple[type[Error], tuple[str, int, Report | None]]:
        """Pickles: errors cross from workers to whoever waits for them."""
        return (type(self), (self.message, self.exit_code, self.report))


class Blocked(Error):  # noqa: N818  (the name is a promise)
    """A check or rejected rows blocked the run: nothing was published, and nothing is lost."""


class Failed(Error):  # noqa: N818
    """The call failed. ``exit_code`` says whether running again may help."""


def error_of(exit_code: int, message: str, report: Report | None = None) -> Error:
    """Gives the error that an exit code stands for."""
    return (Blocked if exit_code in (3, 4) else Failed)(message, exit_code, report)
