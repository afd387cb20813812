"""Tells a webhook of a task that failed for good, where a Connection names one."""

import json
import logging
import urllib.request
from collections.abc import Mapping
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException, AirflowRuntimeError

from ashore_airflow.connection import http_url

CONNECTION = "ashore_webhook"
_SECONDS_MAX = 10

_log = logging.getLogger(__name__)


def url_of(connection: Any) -> str:
    """Gives the url that a Connection of type http names, then its password, for the secret part of a path. Pure."""
    secret = (connection.password or "").strip("/")
    return http_url(connection) + (f"/{secret}" if secret else "")


def message_of(context: Mapping[str, Any]) -> dict[str, Any]:
    """Gives what is posted: ``text`` for people (Slack, Teams and Mattermost show it), the rest for programs. Pure."""
    instance = context["task_instance"]
    error = str(context.get("exception") or "unknown")
    return {
        "text": f"{instance.dag_id} failed at {instance.task_id}: {error}",
        "dag_id": instance.dag_id,
        "task_id": instance.task_id,
        "run_id": instance.run_id,
        "try_number": instance.try_number,
        "error": error,
        "log_url": getattr(instance, "log_url", None),
    }


def post_failure(context: Mapping[str, Any]) -> None:
    """Posts a failure to the webhook; does nothing without a Connection, and only logs when the post fails."""
    try:
        connection = BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException:
        return
    except (AirflowException, AirflowRuntimeError) as error:
        _log.warning("cannot read the Connection %s: %s", CONNECTION, error)
        return
    request = urllib.request.Request(  # noqa: S310 (the url is the operator's)
        url_of(connection),
        data=json.dumps(message_of(context)).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS_MAX):  # noqa: S310
            _log.info("posted the failure to the webhook of Connection %s", CONNECTION)
    except (OSError, ValueError) as error:
        # The url holds a secret: the log gets the kind of error, no more.
        _log.warning("the webhook of Connection %s did not take the failure: %s", CONNECTION, type(error).__name__)
