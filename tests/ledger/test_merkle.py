"""So that the tree is the tree of RFC 6962 and no proof shows what is not so."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledger import merkle
from compliance.ledger.errors import LedgerError

LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(70)]


def slow_root(hashes: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word by word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    cut = 1
    while cut * 2 < len(hashes):
        cut *= 2
    return sha256(b"\x01" + slow_root(hashes[:cut]) + slow_root(hashes[cut:])).digest()


def grown(size: int) -> tuple[merkle.Frontier, dict[tuple[int, int], bytes]]:
    frontier, nodes = merkle.Frontier(), {}
    for item in LEAVES[:size]:
        for level, index, node in frontier.append(item):
            nodes[level, index] = node
    return frontier, nodes


FRONTIER, NODES = grown(len(LEAVES))


class Fetched(dict[tuple[int, int], bytes]):
    """Holds only the nodes that were asked for in advance, and counts the reads."""

    def __init__(self, wanted: Sequence[tuple[int, int]]) -> None:
        super().__init__({key: NODES[key] for key in wanted})
        self.reads = 0

    def get_node(self, level: int, index: int) -> bytes:
        self.reads += 1
        return self[level, index]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.Frontier().root() == merkle.root_of([]) == merkle.EMPTY_ROOT == sha256(b"").digest()


def test_leaf_and_node_hashes_are_those_of_the_rfc() -> None:
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.node_hash(merkle.leaf_hash(b""), merkle.leaf_hash(b"\x00")).hex() == (
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_root_frontier_and_nodes_agree_with_the_definition(size: int) -> None:
    frontier, nodes = grown(size)
    assert frontier.size == size
    assert frontier.root() == slow_root(LEAVES[:size]) == merkle.root_of(LEAVES[:size])
    for (level, index), node in nodes.items():
        assert node == slow_root(LEAVES[index << level : (index + 1) << level])
    assert len(nodes) == sum(size >> level for level in range(8))
    assert frontier.hashes == tuple(nodes[key] for key in merkle.nodes_for_root(size))


def test_appending_names_the_completed_nodes_the_leaf_first() -> None:
    frontier, _ = grown(3)
    completed = frontier.append(LEAVES[3])
    assert completed == [
        (0, 3, LEAVES[3]),
        (1, 1, merkle.node_hash(LEAVES[2], LEAVES[3])),
        (2, 0, slow_root(LEAVES[:4])),
    ]


@pytest.mark.parametrize("size", range(65))
def test_a_stored_frontier_goes_on_as_if_it_had_never_stopped(size: int) -> None:
    frontier, _ = grown(size)
    resumed = merkle.Frontier.from_bytes(size, frontier.to_bytes())
    for item in LEAVES[size : size + 5]:
        assert resumed.append(item) == frontier.append(item)
    assert resumed.root() == slow_root(LEAVES[: size + 5])


@pytest.mark.parametrize(("size", "data"), [(1, b""), (2, b"x" * 64), (-1, b""), (1, b"x" * 31), (0, b"x" * 32)])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(LedgerError) as caught:
        merkle.Frontier.from_bytes(size, data)
    assert caught.value.code == "bad_frontier"


def test_a_frontier_of_short_hashes_is_refused() -> None:
    with pytest.raises(LedgerError) as caught:
        merkle.Frontier(1, [b"short"])
    assert caught.value.code == "bad_frontier"


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_every_entry_of_every_log_can_be_proved(size: int) -> None:
    root = slow_root(LEAVES[:size])
    for index in range(size):
        fetched = Fetched(merkle.nodes_for_inclusion(index, size))
        proof = merkle.inclusion_proof(index, size, fetched.get_node)
        merkle.verify_inclusion(index, size, LEAVES[index], proof, root)
        assert fetched.reads == len(fetched) <= 2 * size.bit_length()


@pytest.mark.parametrize("new", range(1, len(LEAVES) + 1))
def test_every_older_log_is_shown_to_be_the_beginning_of_every_newer(new: int) -> None:
    for old in range(1, new + 1):
        fetched = Fetched(merkle.nodes_for_consistency(old, new))
        proof = merkle.consistency_proof(old, new, fetched.get_node)
        merkle.verify_consistency(old, new, slow_root(LEAVES[:old]), slow_root(LEAVES[:new]), proof)
        assert fetched.reads == len(fetched) <= 2 * new.bit_length()


def refused(code: str, check: object, *arguments: object) -> None:
    with pytest.raises(LedgerError) as caught:
        check(*arguments)  # type: ignore[operator]
    assert caught.value.code == code


def get(level: int, index: int) -> bytes:
    return NODES[level, index]


@given(st.data())
def test_an_inclusion_proof_with_anything_changed_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    root, leaf = slow_root(LEAVES[:size]), LEAVES[index]
    proof = merkle.inclusion_proof(index, size, get)
    at = data.draw(st.integers(0, 32 * (len(proof) + 2) - 1))
    changed = [bytearray(item) for item in [*proof, leaf, root]]
    changed[at // 32][at % 32] ^= data.draw(st.integers(1, 255))
    *bad_proof, bad_leaf, bad_root = map(bytes, changed)
    refused("bad_proof", merkle.verify_inclusion, index, size, bad_leaf, bad_proof, bad_root)
    refused("bad_proof", merkle.verify_inclusion, index, size, leaf, [*proof, leaf], root)
    refused("bad_proof", merkle.verify_inclusion, index, size, leaf, [*proof[:-1], b"short"], root)
    if proof:
        refused("bad_proof", merkle.verify_inclusion, index, size, leaf, proof[:-1], root)
        refused("bad_proof", merkle.verify_inclusion, index ^ 1, size + 1, leaf, proof, root)


@given(st.data())
def test_a_consistency_proof_with_anything_changed_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(1, new))
    before, after = slow_root(LEAVES[:old]), slow_root(LEAVES[:new])
    proof = merkle.consistency_proof(old, new, get)
    at = data.draw(st.integers(0, 32 * (len(proof) + 2) - 1))
    changed = [bytearray(item) for item in [*proof, before, after]]
    changed[at // 32][at % 32] ^= data.draw(st.integers(1, 255))
    *bad_proof, bad_before, bad_after = map(bytes, changed)
    refused("bad_proof", merkle.verify_consistency, old, new, bad_before, bad_after, bad_proof)
    refused("bad_proof", merkle.verify_consistency, old, new, before, after, [*proof, before])


def test_an_empty_hash_proves_nothing_under_an_empty_root() -> None:
    refused("bad_proof", merkle.verify_inclusion, 0, 1, b"", [], b"")
    refused("bad_proof", merkle.verify_consistency, 1, 1, b"", b"", [])


def test_no_proof_starts_from_an_empty_log() -> None:
    refused("bad_index", merkle.verify_consistency, 0, 0, merkle.EMPTY_ROOT, merkle.EMPTY_ROOT, [])
    refused("bad_index", merkle.verify_consistency, 0, 1, merkle.EMPTY_ROOT, LEAVES[0], [])
    refused("bad_index", merkle.consistency_proof, 0, 1, get)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (2**64 - 1, 1), (0, -1), (0, 2**63)])
def test_an_index_outside_the_log_is_refused(index: int, size: int) -> None:
    refused("bad_index", merkle.verify_inclusion, index, size, LEAVES[0], [], LEAVES[0])
    refused("bad_index", merkle.nodes_for_inclusion, index, size)


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1), (1, 2**63), (1, -1)])
def test_a_log_cannot_shrink(old: int, new: int) -> None:
    refused("bad_index", merkle.nodes_for_consistency, old, new)


def test_a_proof_in_a_log_of_a_million_million_reads_few_nodes() -> None:
    size = 10**12 + 12345
    assert len(merkle.nodes_for_inclusion(size // 3, size)) == 55
    assert len(merkle.nodes_for_consistency(size // 3, size)) <= 80
