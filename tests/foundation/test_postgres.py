"""The PostgreSQL of the tests is a real one, and leaves nothing behind."""

import pytest

from tests.fixtures.databases import PostgresFactory

pytestmark = pytest.mark.postgresql


def ask(url: str, question: str) -> object:
    """Ask the server one question."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def make_table(url: str) -> None:
    """Stand in for a migration."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE fact (id integer PRIMARY KEY)")


def test_the_server_is_postgresql_15_or_later(postgres_server: str) -> None:
    assert int(str(ask(postgres_server, "SHOW server_version_num"))) >= 150000


def test_every_test_has_a_migrated_database_of_its_own(postgres_server: str) -> None:
    factory = PostgresFactory(postgres_server, make_table, template="kelsey_planted")
    with factory.fresh() as one, factory.fresh() as other:
        assert one != other
        ask(one, "INSERT INTO fact VALUES (1) RETURNING id")
        assert (ask(one, "SELECT count(*) FROM fact"), ask(other, "SELECT count(*) FROM fact")) == (1, 0)
    for url in (one, other):
        gone = f"SELECT count(*) FROM pg_database WHERE datname = '{url.rpartition('/')[2]}'"
        assert ask(postgres_server, gone) == 0
