"""ashore in Python: run pipelines, read published tables, ask the questions, make rows of pages.

    >>> import ashore
    >>> report = ashore.run(ashore.SPACEX, source_url="embedded:")
    >>> report.status, report.tables["launches"].inserted
    ('published', 205)
    >>> ashore.table("launches").num_rows
    205

Every call is a process of the program in this package, so it works beside any pyarrow, in threads and in forked
workers. What the program says while it runs goes to the logger ``ashore``.
"""

from ashore._answers import Answer, answers
from ashore._errors import Blocked, Error, Failed
from ashore._pages import transform
from ashore._process import SPACEX, command, version
from ashore._report import Check, Destination, LoadedTable, Report, TableReport
from ashore._run import run
from ashore._table import table

__version__ = "0.1.0"
__all__ = [
    "SPACEX",
    "Answer",
    "Blocked",
    "Check",
    "Destination",
    "Error",
    "Failed",
    "LoadedTable",
    "Report",
    "TableReport",
    "answers",
    "command",
    "run",
    "table",
    "transform",
    "version",
]
