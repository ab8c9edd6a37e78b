"""So that an auditor can take the whole log home and check it with tools that are not ours.

A zip of the exact C2SP tlog-tiles layout. Members are stored uncompressed and undated: the same log gives
the same bytes on every machine, and a reader has nothing to unpack that could be larger than it looks.
"""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from compliance.ledger import merkle
from compliance.ledger.checkpoint import Checkpoint, open_checkpoint
from compliance.ledger.errors import LedgerError
from compliance.ledger.note import Verifier

TILE_WIDTH = 256
MAX_ENTRY = 0xFFFF

README = """\
This is a copy of an audit log, with everything needed to check it.

  checkpoint     the log's state (name, number of entries, root hash), signed by the log's key
  log.vkey       the log's public key, for comparison only
  tile/entries/  the entries, 256 to a file, each preceded by its length in two bytes
  tile/<level>/  the hashes that tie the entries to the checkpoint
  verify.py      a program that checks all this

Do not trust a bundle by its own word. Whoever could change the entries could change this text, log.vkey
and verify.py as well. So:

1. Get the log's public key (VKEY) and the verifier, or the SHA-256 of verify.py, from the operator's
   written agreement, your regulator or an earlier visit: from anywhere but this file.
2. Keep the checkpoint of every bundle you accept. Name the last one with --previous.
3. Run, with Python 3.9 or newer and no network:

     python verify.py FILE.zip --key VKEY --previous LAST_CHECKPOINT

   Exit code 0: everything holds. 1: something does not; the index of the entry is named. 2: unreadable.

The layout is that of C2SP (c2sp.org/tlog-tiles, tlog-checkpoint, signed-note), the tree that of RFC 6962,
so other people's tools read it too. What no log can show: acts that were never submitted to it.
"""


def write_bundle(out: IO[bytes], *, checkpoint_note: str, verifier: Verifier, entries: Iterable[bytes]) -> Checkpoint:
    """Write a bundle while the entries stream by, in index order, one tile in memory at a time.

    Raises at the end if the entries are not those signed: hand out the file only after this returns.
    """
    state = open_checkpoint(checkpoint_note, verifier)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        writer = _Writer(archive)
        writer.put("README.txt", README.encode("utf-8"))
        writer.put("verify.py", Path(__file__).with_name("verify.py").read_bytes())
        writer.put("log.vkey", f"{verifier.vkey}\n".encode())
        writer.put("checkpoint", checkpoint_note.encode("utf-8"))
        for entry in entries:
            writer.add(entry)
        writer.finish()
    given = writer.frontier.size
    if (given, writer.frontier.root()) != (state.size, state.root):
        raise LedgerError("bad_bundle", f"the {given} entries given are not the {state.size} that were signed")
    return state


def tile_path(level: str, number: int, width: int = TILE_WIDTH) -> str:
    """Spell a tile's path: groups of three digits, all but the last marked, and the width if partial."""
    path = f"{number % 1000:03d}"
    while number := number // 1000:
        path = f"x{number % 1000:03d}/{path}"
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{path}{suffix}"


class _Writer:
    """Gathers entries and hashes until a tile is full, then lets go of them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.frontier = merkle.Frontier()
        self._archive = archive
        self._entries: list[bytes] = []
        self._hashes: list[list[bytes]] = []
        self._written: dict[str, int] = {}

    def put(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        # Otherwise the system that wrote the bundle would show in its bytes.
        info.create_system = 3
        info.external_attr = 0o644 << 16
        self._archive.writestr(info, data)

    def add(self, entry: bytes) -> None:
        if len(entry) > MAX_ENTRY:
            raise LedgerError("bad_bundle", f"entry {self.frontier.size} is longer than {MAX_ENTRY} bytes")
        self._entries.append(len(entry).to_bytes(2, "big") + entry)
        # Every eighth level of the tree is a level of tiles.
        for level, _, node in self.frontier.append(merkle.leaf_hash(entry))[::8]:
            if level // 8 == len(self._hashes):
                self._hashes.append([])
            self._hashes[level // 8].append(node)
        self._flush(TILE_WIDTH)

    def finish(self) -> None:
        self._flush(1)

    def _flush(self, least: int) -> None:
        if len(self._entries) >= least:
            self._put_tile("entries", self._entries)
        for level, hashes in enumerate(self._hashes):
            if len(hashes) >= least:
                self._put_tile(str(level), hashes)

    def _put_tile(self, level: str, parts: list[bytes]) -> None:
        number = self._written.get(level, 0)
        self.put(tile_path(level, number, len(parts)), b"".join(parts))
        self._written[level] = number + 1
        parts.clear()
