"""Tables are made on first contact, upgraded from an older revision, and left alone when somebody else's."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, text

from bus.errors import StoreMismatch
from bus.store import Store, open_codec
from bus.store import revision as revisions
from bus.store.tables import metadata

FIRST_RELEASE = Path(__file__).parent / "first_release.sql"


def migrated(url: str, revision: str) -> None:
    """Make a database by the migrations alone."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(revisions._MIGRATIONS))
        command.upgrade(config, revision)
    engine.dispose()


def told(url: str, sql: str) -> list[tuple]:
    engine = create_engine(url)
    with engine.begin() as connection:
        rows = [tuple(row) for row in connection.execute(text(sql))]
    engine.dispose()
    return rows


def change(url: str, sql: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()


SHAPE = {
    "sqlite": "select name, replace(replace(sql, '\n', ''), '\t', '') from sqlite_master where name not like 'sqlite_%'"
    " and name <> 'alembic_version' order by name",
    "postgresql": """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            coalesce(l.collname, ''), pg_get_expr(d.adbin, d.adrelid)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        left join pg_collation l on l.oid = a.attcollation left join pg_attrdef d on d.adrelid = c.oid
            and d.adnum = a.attnum
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> 'alembic_version'
        union all
        select tablename, indexname, replace(indexdef, current_schema() || '.', ''), true, '', '', '' from pg_indexes
            where schemaname = current_schema() and tablename <> 'alembic_version'
        order by 1, 2""",
}
"""What a database says of its tables: all that the comparison of the two ways must cover."""


def shape(url: str) -> list[tuple]:
    return told(url, SHAPE[make_url(url).get_backend_name()])


@pytest.fixture
def second(database, tmp_path, request) -> str:
    """Another empty database of the same kind."""
    if database.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'second.sqlite'}"
    return request.getfixturevalue("postgres").fresh()


def test_the_constant_is_the_head_of_the_migrations():
    config = Config()
    config.set_main_option("script_location", str(revisions._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == revisions.REVISION


def test_migrated_tables_are_the_tables_that_are_made(database, second):
    Store(database).close()
    migrated(second, "head")
    assert shape(database) == shape(second)
    assert told(database, "select * from meta") == told(second, "select * from meta")
    assert told(database, "select * from alembic_version") == told(second, "select * from alembic_version")
    engine = create_engine(second)
    with engine.connect() as connection:
        kind = connection.dialect.name

        def ours(thing, _name, _type, _reflected, _compare_to):
            return getattr(thing, "_ddl_if", None) is None or thing._ddl_if.dialect == kind

        assert compare_metadata(MigrationContext.configure(connection, opts={"include_object": ours}), metadata) == []
    engine.dispose()


def test_every_text_compares_by_code_point_whatever_the_database_does(database):
    Store(database).close()
    if database.startswith("sqlite"):
        assert not any("collate" in sql.lower() for _, sql in shape(database))
    else:
        texts = [row for row in shape(database) if row[2] == "text"]
        assert len(texts) > 30
        assert {row[5] for row in texts} == {"C"}


def test_a_store_that_is_there_is_opened_without_alembic(database, monkeypatch):
    Store(database).close()
    monkeypatch.setattr(revisions, "_upgrade", None)
    Store(database).close()


def test_several_at_first_contact_make_one_store(database):
    def first(_number) -> dict[str, int]:
        with closing(Store(database)) as store:
            codec = open_codec(store)
            return {event: codec.schema_id(event) for event in ("UnitListed", "ContractSigned", "ExportRead")}

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(first, range(6)))
    assert all(found == ids[0] for found in ids)
    assert told(database, "select version_num from alembic_version") == [(revisions.REVISION,)]
    assert told(database, "select name, value from meta") == [("schema", "4")]
    assert told(database, "select count(*), min(id), max(id) from schema_id")[0][0] == max(
        number for (number,) in told(database, "select id from schema_id")
    )


def test_an_older_revision_is_upgraded_with_what_it_holds(database):
    migrated(database, "0001")
    made = "insert into generation (consumer, state, made_ms, why) values ('{}', 'live', 1, 'first run')"
    for consumer in ("attendance", "chain"):
        change(database, made.format(consumer))
    Store(database).close()
    assert told(database, "select version_num from alembic_version") == [(revisions.REVISION,)]
    # The chain's facts stated no terms then, so its next run fills it anew from the log's start.
    states = told(database, "select consumer, state from generation order by consumer")
    assert states == [("attendance", "live"), ("chain", "filling")]


def test_several_upgrade_one_store_once(database):
    migrated(database, "0001")
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(lambda _: Store(database), range(4)):
            store.close()
    assert told(database, "select version_num from alembic_version") == [(revisions.REVISION,)]


def test_a_home_of_the_first_release_is_upgraded(tmp_path, second):
    path = tmp_path / "first.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST_RELEASE.read_text(encoding="utf-8"))
        db.execute("insert into statement values ('UnitListed', 'k', '', 'o', x'00', 1, 1)")
        db.commit()
    with closing(Store(f"sqlite:///{path}")) as store, store.read() as tx:
        assert tx.all("select event, key, state from statement") == [("UnitListed", "k", 1)]
    if second.startswith("sqlite"):
        Store(second).close()
        assert [(name, "".join(sql.split())) for name, sql in shape(second)] == [
            (name, "".join(sql.split())) for name, sql in shape(f"sqlite:///{path}")
        ]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select value from meta where name = 'schema'").fetchone() != ("3",), (
            "it would be used by both"
        )


@pytest.mark.parametrize("found", ["9999", ""])
def test_a_newer_revision_is_refused_and_left_alone(database, found):
    Store(database).close()
    change(database, f"update alembic_version set version_num = '{found}'")  # noqa: S608 - ours
    before = shape(database)
    with pytest.raises(StoreMismatch, match=rf'revision "{found}".*newer program'):
        Store(database)
    assert shape(database) == before
    assert told(database, "select version_num from alembic_version") == [(found,)]


def test_an_older_number_is_refused(database):
    migrated(database, "0001")
    change(database, "drop table alembic_version")
    change(database, "update meta set value = '2' where name = 'schema'")
    with pytest.raises(StoreMismatch, match=r"version 2.*into a new home"):
        Store(database)


def test_tables_of_another_program_are_left_alone(database):
    change(database, "create table export (id integer)")
    with pytest.raises(StoreMismatch, match=r"another program's tables: export\. Give"):
        Store(database)
    assert len(shape(database)) == 1
