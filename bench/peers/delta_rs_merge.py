"""The same table by delta-rs: `make FOLDER DAYS PER_DAY`, then `merge FOLDER FIRST_DAY DAYS PER_DAY ROUND`; prints seconds."""

import datetime
import sys
import time

import pyarrow
from deltalake import DeltaTable, write_deltalake

EPOCH = datetime.date(2010, 1, 1)


def rows(days, per_day, amount):
    """Orders as the bench's server gives them; amount(id) says what one cost."""
    ids = [day * per_day + number for day in days for number in range(per_day)]
    return pyarrow.table({
        "order_id": pyarrow.array(ids, pyarrow.int64()),
        "day": pyarrow.array([EPOCH + datetime.timedelta(days=one // per_day) for one in ids], pyarrow.date32()),
        "amount": pyarrow.array([amount(one) for one in ids], pyarrow.int64()),
        "note": [f"order {one}" for one in ids]})


def main(what, folder, *numbers):
    numbers = [int(number) for number in numbers]
    if what == "make":
        days, per_day = numbers
        table = rows(range(days), per_day, lambda one: one % 997)
        begin = time.perf_counter()
        write_deltalake(folder, table, partition_by=["day"])
    else:
        first, days, per_day, changes = numbers
        # Only the changed half of each day: delta-rs needs no whole window.
        source = rows(range(first, first + days), per_day, lambda one: one % 997 + 1000 * changes)
        source = source.filter([one % 2 == 0 for one in source["order_id"].to_pylist()])
        last = EPOCH + datetime.timedelta(days=first + days - 1)
        begin = time.perf_counter()
        where = f"target.day >= '{EPOCH + datetime.timedelta(days=first)}' AND target.day <= '{last}'"
        (DeltaTable(folder)
            .merge(source, predicate=f"{where} AND target.order_id = source.order_id AND target.day = source.day",
                   source_alias="source", target_alias="target")
            .when_matched_update_all().when_not_matched_insert_all().execute())
    print(time.perf_counter() - begin)


if __name__ == "__main__":
    main(*sys.argv[1:])
