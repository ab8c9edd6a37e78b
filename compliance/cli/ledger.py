"""`kelsey log`: verifies an export as a stranger would, and prints entries as they were signed."""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice

from compliance.cli.speaking import Failure
from compliance.ledger import verify as verifier
from compliance.ledger.bundle import MAX_ENTRY, TILE_WIDTH, tile_path
from compliance.ledger.errors import LedgerError
from compliance.ledger.note import Signer
from compliance.settings import Settings

_MOST = 10**15
_MAX_TILE = TILE_WIDTH * (2 + MAX_ENTRY)


def verify(options: argparse.Namespace) -> int:
    """Run the stand-alone verifier; without a key only this machine's own log can be meant."""
    arguments = [options.file, "--key", options.key if options.key is not None else _own_key()]
    arguments += ["--previous", options.previous] if options.previous is not None else []
    return verifier.main(arguments + (["--json"] if options.json else []))


def _own_key() -> str:
    try:
        return Signer.from_text(Settings.from_environment().log_key_file.read_text(encoding="ascii").strip()).vkey
    except (OSError, ValueError, LedgerError) as error:
        raise Failure("--key: give the log's public key, as you got it from the operator", 2) from error


def show(options: argparse.Namespace) -> int:
    """Print entries, one a line, in the very bytes that were signed."""
    if not (0 <= options.start <= _MOST and 1 <= options.limit <= _MOST):
        raise Failure(f"--start is 0 or more and --limit 1 or more, and neither more than {_MOST}", 2)
    leaves = _in_database(options.start, options.limit) if options.database else _in_export(options.file)
    skipped = 0 if options.database else options.start
    for leaf in islice(leaves, skipped, skipped + options.limit):
        sys.stdout.write(ascii(leaf.decode("ascii", "backslashreplace"))[1:-1].replace("\\'", "'") + "\n")
    return 0


def _in_export(name: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(name) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            yield from _entries(archive, sizes)
    except (OSError, ValueError, RuntimeError, EOFError, NotImplementedError, zipfile.BadZipFile) as error:
        raise Failure(f"{name}: cannot be read as an export: {error}", 2) from error


def _entries(archive: zipfile.ZipFile, sizes: dict[str, int]) -> Iterator[bytes]:
    number = 0
    if tile_path("entries", 0) not in sizes and not any(one.startswith("tile/entries/") for one in sizes):
        raise ValueError("there are no entries in it")
    while True:
        whole = tile_path("entries", number)
        partial = (tile_path("entries", number, width) for width in range(1, TILE_WIDTH))
        name = whole if whole in sizes else next((one for one in partial if one in sizes), None)
        if name is None:
            return
        if sizes[name] > _MAX_TILE:
            raise ValueError(f"{name} is too large")
        yield from _split(archive.read(name))
        number += 1


def _split(tile: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(tile):
        end = at + 2 + int.from_bytes(tile[at : at + 2], "big")
        if end > len(tile):
            raise ValueError("the entries are cut short")
        yield tile[at + 2 : end]
        at = end


def _in_database(start: int, limit: int) -> Iterator[bytes]:
    from compliance.cli.operating import programme  # noqa: PLC0415 - verifying an export needs no database
    from compliance.services import logs  # noqa: PLC0415
    from compliance.services.actor import operator  # noqa: PLC0415

    with programme() as app:
        end = start + limit
        while start < end:
            page = logs.list_entries(app, operator(), start, min(end - start, logs.MOST_ENTRIES))
            yield from (entry.leaf for entry in page)
            if not page:
                return
            start += len(page)
