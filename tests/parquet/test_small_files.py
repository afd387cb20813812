"""Small Parquet files, which we encode ourselves, are the same rows to every reader, and their statistics mislead no filter."""

import pathlib
import random
import subprocess
import sys
import zlib

import deltalake
import duckdb
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness  # noqa: E402

SAMPLES = harness.ROOT / "build/release/tests/parquet/parquet_samples"
COUNT = 2_000
SEED = 20_261_129


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Pairs of a file and the rows that it must hold."""
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([SAMPLES, folder, str(COUNT), str(SEED)], check=True)
    paths = sorted(folder.glob("*.parquet"))
    assert len(paths) == COUNT
    return [(path, rows_of(path.with_suffix(".arrow"))) for path in paths]


def rows_of(path: pathlib.Path) -> pyarrow.Table:
    with pyarrow.memory_map(str(path)) as file:
        return pyarrow.ipc.open_file(file).read_all()


def same(read, rows, reader, path):
    """Asserts that a reader's table has these rows; its types may be wider forms of ours."""
    read = read.cast(rows.schema.with_metadata(None)) if read.schema != rows.schema else read
    # Zeros of both signs are different values here.
    assert read.num_rows == rows.num_rows, (reader, path)
    for name in rows.column_names:
        ours, theirs = (table.column(name).combine_chunks() for table in (rows, read))
        assert theirs.equals(ours), (reader, path.name, name, ours.type)


def test_pyarrow(samples):
    for path, rows in samples:
        same(pyarrow.parquet.ParquetFile(path, page_checksum_verification=True).read(), rows, "pyarrow", path)


def test_duckdb(samples):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for path, rows in samples:
            same(connection.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table(), rows, "DuckDB", path)


def test_polars(samples):
    for path, rows in samples:
        same(polars.read_parquet(path).to_arrow(), rows, "Polars", path)


def test_pandas(samples):
    for path, rows in samples[::10]:
        read = pyarrow.Table.from_pandas(pandas.read_parquet(path, dtype_backend="pyarrow"), preserve_index=False)
        same(read, rows, "pandas", path)


def test_delta_rs(samples, tmp_path):
    """Its reader is parquet-rs."""
    for path, rows in samples[::10]:
        folder = tmp_path / path.stem
        folder.mkdir()
        (folder / path.name).hardlink_to(path)
        deltalake.convert_to_deltalake(str(folder))
        read = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(str(folder))).execute("SELECT * FROM t").read_all()
        same(pyarrow.table(read).select(rows.column_names), rows, "delta-rs", path)


def test_filters_find_what_is_there(samples):
    """A wrong bound would hide rows from readers that skip by statistics."""
    chance = random.Random(SEED)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for path, rows in samples[::4]:
            name = chance.choice(rows.column_names)
            column = rows.column(name).combine_chunks().drop_null()
            if len(column) == 0:
                continue
            value = column[chance.randrange(len(column))]
            expected = sum(pyarrow.compute.equal(column, value).to_pylist())
            found = pyarrow.dataset.dataset(path).to_table(filter=pyarrow.compute.field(name) == value)
            assert found.num_rows == expected, (path, name, value)
            found = polars.scan_parquet(path).filter(polars.col(name) == polars.from_arrow(pyarrow.array([value]))[0]).collect()
            assert len(found) == expected, (path, name, value)
            query = f'SELECT count(*) FROM read_parquet(?) WHERE "{name}" = ?'
            plain = value.as_py()
            if pyarrow.types.is_decimal(column.type) and column.type.precision > 18:
                continue  # bound as a double
            assert connection.execute(query, [str(path), plain]).fetchall() == [(expected,)], (path, name, value)


def test_statistics_hold_every_value(samples):
    for path, rows in samples[::4]:
        metadata = pyarrow.parquet.read_metadata(path)
        assert metadata.created_by == "ashore version 1"
        for index, name in enumerate(rows.column_names):
            statistics = metadata.row_group(0).column(index).statistics
            column = rows.column(name).combine_chunks()
            assert statistics.null_count == column.null_count
            if not statistics.has_min_max or pyarrow.types.is_decimal(column.type):
                continue
            bounds = pyarrow.compute.min_max(column)
            assert statistics.min <= bounds["min"].as_py(), (path, name)
            assert statistics.max >= bounds["max"].as_py(), (path, name)


def test_field_ids_are_made_of_names(samples):
    for path, rows in samples[::100]:
        schema = pyarrow.parquet.read_schema(path)
        for name in rows.column_names:
            assert int(schema.field(name).metadata[b"PARQUET:field_id"]) == (zlib.crc32(name.encode()) & 0x3FFFFFFF or 1)
