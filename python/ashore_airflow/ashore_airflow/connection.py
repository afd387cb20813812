"""Makes urls of Airflow Connections: of a web service, of a PostgreSQL database."""

from typing import Any
from urllib.parse import quote

from airflow.sdk.exceptions import AirflowFailException


def http_url(connection: Any) -> str:
    """Gives the url that a Connection of type http names: host, port and schema, without login and password. Pure.

    A host may be a whole url; a schema is the protocol where it is one, else the first part of the path.
    """
    host = connection.host or ""
    path = connection.schema or ""
    if "://" not in host:
        protocol = path if path in ("http", "https") else connection.conn_type
        path = "" if path in ("http", "https") else path
        host = f"{protocol if protocol == 'https' else 'http'}://{host}"
    if connection.port:
        host = f"{host}:{connection.port}"
    return "/".join([host.rstrip("/"), *([path.strip("/")] if path.strip("/") else [])])


def postgresql_url(connection: Any) -> str:
    """Gives the url of a Connection of type postgres, with login and password. Pure.

    Extras that libpq takes as text (sslmode, ...) become its parameters.

    Raises AirflowFailException where the Connection is of another type.
    """
    if connection.conn_type not in ("postgres", "postgresql"):
        raise AirflowFailException(
            f"Connection {connection.conn_id!r} is of type {connection.conn_type!r}; a destination has 'postgres'"
        )
    person = quote(connection.login or "", safe="")
    if connection.password:
        person += ":" + quote(connection.password, safe="")
    port = f":{connection.port}" if connection.port else ""
    extras = [
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in sorted((connection.extra_dejson or {}).items())
        if isinstance(value, str)
    ]
    place = f"{connection.host or ''}{port}/{quote(connection.schema or '', safe='')}"
    return f"postgresql://{person}{'@' if person else ''}{place}{'?' if extras else ''}{'&'.join(extras)}"
