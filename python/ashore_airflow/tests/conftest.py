"""The package under test, and an AIRFLOW_HOME that is nobody's: both set before Airflow is imported."""

import os
import pathlib
import sys
import tempfile

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PACKAGE))
_home = tempfile.TemporaryDirectory(prefix="ashore-airflow-unit.")
os.environ["AIRFLOW_HOME"] = _home.name
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"
