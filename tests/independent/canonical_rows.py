"""Computes the test vectors of docs/formats/canonical-rows.md without any code of ashore.

Prints each vector's digest and, for one row, its bytes; `--check` compares them with the document.
"""

import hashlib
import pathlib
import struct
import sys
from datetime import date, datetime, timezone
from decimal import Context, Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def text(value):
    data = value.encode("utf-8")
    return struct.pack("<I", len(data)) + data


def value_bytes(kind, value):
    if kind in ("string", "json"):
        return text(value)
    if kind == "boolean":
        return bytes([value])
    if kind == "int32":
        return struct.pack("<i", value)
    if kind == "int64":
        return struct.pack("<q", value)
    if kind == "float64":
        return struct.pack("<d", 0.0 if value == 0 else value)
    if kind == "date":
        return struct.pack("<i", (value - date(1970, 1, 1)).days)
    if kind == "timestamp":
        delta = value - EPOCH
        micros = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
        return struct.pack("<q", micros)
    assert kind.startswith("decimal("), kind
    scale = int(kind[:-1].split(",")[1])
    unscaled = int(value.scaleb(scale, Context(prec=80)))
    return unscaled.to_bytes(16, "little", signed=True)


def row_bytes(schema, row):
    result = b""
    for name, kind in sorted(schema, key=lambda field: field[0].encode()):
        result += text(name) + text(kind)
        result += b"\x01" if row[name] is None else b"\x00" + value_bytes(kind, row[name])
    return result


def digest(schema, rows):
    data = struct.pack("<I", len(schema))
    for name, kind in sorted(schema, key=lambda field: field[0].encode()):
        data += text(name) + text(kind)
    return hashlib.sha256(data + b"".join(row_bytes(schema, row) for row in rows)).hexdigest()


def row_sum(schema, rows):
    hashes = (hashlib.sha256(row_bytes(schema, row)).digest()[:16] for row in rows)
    return f"{sum(int.from_bytes(one, 'little') for one in hashes) % 2**128:032x}"


ORDERS = [("order_id", "string"), ("amount", "decimal(10,2)"), ("is_paid", "boolean")]
READINGS = [
    ("sensor", "string"), ("taken_at", "timestamp"), ("day", "date"), ("count", "int32"),
    ("total", "int64"), ("level", "float64"), ("price", "decimal(38,9)"), ("is_valid", "boolean"),
    ("raw", "json"),
]
VECTORS = {
    "empty": (ORDERS, []),
    "one row": (ORDERS, [{"order_id": "A-1", "amount": Decimal("12.30"), "is_paid": None}]),
    "all types": (READINGS, [
        {
            "sensor": "Größe 1", "taken_at": datetime(2022, 11, 1, 0, 0, 0, 123456, timezone.utc),
            "day": date(2022, 11, 1), "count": -1, "total": 9223372036854775807, "level": -0.0,
            "price": Decimal("-0.000000001"), "is_valid": True, "raw": '{"a": [1, null]}',
        },
        {
            "sensor": "z", "taken_at": datetime(1969, 12, 31, 23, 59, 59, 999999, timezone.utc),
            "day": date(1969, 12, 31), "count": -2147483648, "total": -9223372036854775808,
            "level": 0.1, "price": Decimal("99999999999999999999999999999.999999999"),
            "is_valid": False, "raw": None,
        },
    ]),
}


def main():
    found = {name: digest(schema, rows) for name, (schema, rows) in VECTORS.items()}
    found["bytes of one row"] = row_bytes(*(VECTORS["one row"][0], VECTORS["one row"][1][0])).hex()
    found["sum of all types"] = row_sum(*VECTORS["all types"])
    for name, value in found.items():
        print(f"{name}: {value}")
    if "--check" not in sys.argv:
        return 0
    document = pathlib.Path(__file__).parents[2] / "docs/formats/canonical-rows.md"
    words = document.read_text(encoding="utf-8")
    missing = [name for name, value in found.items() if value not in words]
    if missing:
        print(f"not in {document.name}: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
