"""The yardstick: what PostgreSQL alone does with the same number of durable commits, measured in the same run.

One transaction inserts an audit row, inserts a dispense and updates the authorization, with eight clients.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.fixtures.postgres import server_binaries

DURABLE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on", "max_connections=120")
ROWS = 100_000
_SCHEMA = f"""
CREATE TABLE yard_authorization (id bigint PRIMARY KEY, status text NOT NULL, changed_at timestamptz);
CREATE TABLE yard_dispense (id bigserial PRIMARY KEY, authorization_id bigint NOT NULL, at timestamptz NOT NULL);
CREATE TABLE yard_audit (id bigserial PRIMARY KEY, body text NOT NULL, at timestamptz NOT NULL);
INSERT INTO yard_authorization SELECT n, 'active', now() FROM generate_series(1, {ROWS}) n;
"""
_SCRIPT = f"""
\\set id random(1, {ROWS})
BEGIN;
INSERT INTO yard_audit (body, at) VALUES (repeat('x', 600), now());
INSERT INTO yard_dispense (authorization_id, at) VALUES (:id, now());
UPDATE yard_authorization SET status = 'dispensed', changed_at = now() WHERE id = :id;
COMMIT;
"""


def prepare(url: str) -> None:
    """Create the yardstick's tables in the database at `url`."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(_SCHEMA.encode())


def transactions_per_second(url: str, *, clients: int = 8, seconds: int = 5) -> float:
    """Run pgbench against `url` and give its rate; raises when pgbench fails or prints no rate."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "transaction.sql"
        script.write_text(_SCRIPT)
        command = [str(server_binaries() / "pgbench"), "-n", "-c", str(clients), "-j", "2", "-T", str(seconds)]
        command += ["-f", str(script), url.replace("+psycopg", "")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench printed no rate: {done.stdout[-500:]}")
    return float(found[1])
