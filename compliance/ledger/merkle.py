"""So that one hash stands for the whole log, and short proofs tie any entry or older log to it.

The tree of RFC 6962 section 2.1 with SHA-256. A node (level, index) is the hash of the 2**level leaves
that start at index * 2**level; only nodes whose leaves all exist are ever stored or asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from compliance.ledger.errors import LedgerError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

NodeId = tuple[int, int]
Node = tuple[int, int, bytes]
GetNode = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """Hash an entry so that it can never be mistaken for an inner node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """Lets the log grow by one hash without reading the rest of it: the roots of its complete subtrees.

    `hashes` runs from the largest subtree (left) to the smallest; there is one for each set bit of `size`.
    """

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(item) != HASH_BYTES for item in hashes):
            raise LedgerError("bad_frontier", f"{len(hashes)} hashes do not make a frontier of size {size}")
        self.size = size
        self._hashes = list(hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """Take up a stored frontier again."""
        if len(data) % HASH_BYTES:
            raise LedgerError("bad_frontier", f"{len(data)} bytes are not a whole number of hashes")
        return cls(size, [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])

    def to_bytes(self) -> bytes:
        """Give the hashes in the form in which they are stored."""
        return b"".join(self._hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The subtree roots, largest first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf hash and name every node it completes, the leaf itself first."""
        level, index, node = 0, self.size, leaf
        completed = [(level, index, node)]
        while index & 1:
            node = sha256(b"\x01" + self._hashes.pop() + node).digest()
            level, index = level + 1, index >> 1
            completed.append((level, index, node))
        self._hashes.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Give the hash that stands for everything appended so far."""
        return _fold(self._hashes)


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Give the root of a tree from its leaf hashes, when all of them are at hand."""
    frontier = Frontier()
    for item in leaf_hashes:
        frontier.append(item)
    return frontier.root()


def nodes_for_root(size: int) -> list[NodeId]:
    """Name the stored nodes that make the root (and the frontier) of a log of this size."""
    _check_size(size)
    return _cover(0, size)


def nodes_for_inclusion(index: int, size: int) -> list[NodeId]:
    """Name the stored nodes an inclusion proof needs, so that one query can fetch them all."""
    return [node for span in _inclusion_spans(index, size) for node in _cover(*span)]


def nodes_for_consistency(old: int, new: int) -> list[NodeId]:
    """Name the stored nodes a consistency proof needs, so that one query can fetch them all."""
    return [node for span in _consistency_spans(old, new) for node in _cover(*span)]


def inclusion_proof(index: int, size: int, get_node: GetNode) -> list[bytes]:
    """Prove that the leaf at `index` is in the log of `size`, reading O(log size) nodes."""
    return [_span_root(span, get_node) for span in _inclusion_spans(index, size)]


def consistency_proof(old: int, new: int, get_node: GetNode) -> list[bytes]:
    """Prove that the log of size `old` is a beginning of the log of size `new`."""
    return [_span_root(span, get_node) for span in _consistency_spans(old, new)]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Compute the only root under which this leaf hash can stand at `index` with this proof."""
    spans = _inclusion_spans(index, size)
    _check_proof(proof, len(spans), leaf)
    node = leaf
    for (start, _), sibling in zip(spans, proof, strict=True):
        node = node_hash(node, sibling) if start > index else node_hash(sibling, node)
    return node


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Refuse a leaf hash that the root does not cover at this place."""
    if root_from_inclusion(index, size, leaf, proof) != root:
        raise LedgerError("bad_proof", f"the root of size {size} does not cover this entry at index {index}")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Refuse a newer root that does not contain the older log unchanged."""
    spans = _consistency_spans(old, new)
    _check_proof(proof, len(spans), old_root)
    first, rest = old_root, list(zip(spans, proof, strict=True))
    if rest and spans[0][0] < old:
        # The old log ends inside a larger subtree, so its own root is no node of the new one.
        first, rest = proof[0], rest[1:]
    then = now = first
    for (start, _), item in rest:
        if start >= old:
            now = node_hash(now, item)
        else:
            then, now = node_hash(item, then), node_hash(item, now)
    if then != old_root or now != new_root:
        raise LedgerError("bad_proof", f"the log of size {new} does not begin with the log of size {old}")


def _inclusion_spans(index: int, size: int) -> list[tuple[int, int]]:
    """Name the leaf ranges beside the path from the leaf up to the root, lowest first."""
    _check_size(size)
    if not 0 <= index < size:
        raise LedgerError("bad_index", f"index {index} lies outside a log of size {size}")
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def _consistency_spans(old: int, new: int) -> list[tuple[int, int]]:
    """Name the leaf ranges from which both roots can be computed, lowest first."""
    _check_size(new)
    if not 0 < old <= new:
        raise LedgerError("bad_index", f"no proof leads from size {old} to size {new}")
    spans, start, end = [], 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def _split(width: int) -> int:
    """Give the largest power of two below a width: where RFC 6962 cuts a range in two."""
    return 1 << ((width - 1).bit_length() - 1)


def _cover(start: int, end: int) -> list[NodeId]:
    """Name the complete subtrees that make up a range, left to right."""
    nodes = []
    for level in reversed(range((end - start).bit_length())):
        if (end - start) >> level & 1:
            nodes.append((level, start >> level))
            start += 1 << level
    return nodes


def _span_root(span: tuple[int, int], get_node: GetNode) -> bytes:
    return _fold([get_node(level, index) for level, index in _cover(*span)])


def _fold(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    node = hashes[-1]
    for item in reversed(hashes[:-1]):
        node = node_hash(item, node)
    return node


def _check_size(size: int) -> None:
    if not 0 <= size < 2**63:
        raise LedgerError("bad_index", f"{size} is not the size of a log")


def _check_proof(proof: Sequence[bytes], wanted: int, start: bytes) -> None:
    if len(proof) != wanted:
        raise LedgerError("bad_proof", f"the proof holds {len(proof)} hashes where {wanted} are needed")
    # Without the length of the hash it starts from, an empty leaf hash would prove itself under an empty root.
    if any(len(item) != HASH_BYTES for item in (start, *proof)):
        raise LedgerError("bad_proof", f"a hash does not have {HASH_BYTES} bytes")
