"""Finds the version of a policy in force at a moment, so that any past decision can be computed again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from compliance import paths, strict_toml
from compliance.domain.errors import DomainError
from compliance.domain.policy import Policy, read_policy
from compliance.domain.span import Instant


class Catalogue:
    """All policies, by programme and day of coming into force; nothing in it changes after loading."""

    __slots__ = ("_versions",)

    def __init__(self, policies: Iterable[Policy]) -> None:
        """Take policies in any order; two versions of one programme for the same day are refused."""
        versions: dict[str, list[Policy]] = {}
        for policy in policies:
            versions.setdefault(policy.id, []).append(policy)
        for programme, found in versions.items():
            found.sort(key=lambda policy: policy.in_force_from)
            days = [policy.in_force_from for policy in found]
            if len(set(days)) < len(days):
                raise DomainError(
                    "VERSION_TWICE",
                    "each version comes into force on its own day",
                    field=programme,
                    value=days[-1],
                )
        self._versions = {programme: tuple(found) for programme, found in sorted(versions.items())}

    def programmes(self) -> tuple[str, ...]:
        """The ids of all programmes, in order."""
        return tuple(self._versions)

    def versions(self, programme: str) -> tuple[Policy, ...]:
        """All versions of a programme, oldest first. Raises DomainError for an unknown programme."""
        found = self._versions.get(programme)
        if found is None:
            known = ", ".join(self._versions) or "none"
            raise DomainError("PROGRAMME_UNKNOWN", f"give one of: {known}", field="programme", value=programme)
        return found

    def get(self, programme: str, at: Instant) -> Policy:
        """The version in force at a moment; before the first, the first: under it the gate then refuses."""
        found = self.versions(programme)
        in_force = [policy for policy in found if policy.starts_at <= at]
        return in_force[-1] if in_force else found[0]

    def for_product(self, product: str, at: Instant) -> Policy:
        """The version in force of the one programme that covers a product; none or several are an error."""
        covering = [p for p in (self.get(i, at) for i in self._versions) if product in p.products]
        if len(covering) != 1:
            code = "PRODUCT_NOT_COVERED" if not covering else "PRODUCT_IN_SEVERAL_PROGRAMMES"
            names = ", ".join(policy.id for policy in covering) or "no programme"
            raise DomainError(code, f"covered by {names}", field="product", value=product)
        return covering[0]

    def all(self) -> tuple[Policy, ...]:
        """Every version of every programme, by programme and day."""
        return tuple(policy for found in self._versions.values() for policy in found)


def load_policy(path: Path) -> Policy:
    """Read one policy file; its name and folder must be those it gives itself."""
    data = strict_toml.read_bytes(path)
    raw = strict_toml.parse(data, str(path))
    try:
        policy = read_policy(raw, hashlib.sha256(data).hexdigest())
        _check_place(policy, path)
    except DomainError as error:
        raise strict_toml.in_file(error, path) from error
    return policy


def _check_place(policy: Policy, path: Path) -> None:
    """A file that is not where its own words put it would be found by nobody, or by the wrong people."""
    if policy.version != path.stem or policy.in_force_from.isoformat() != path.stem:
        raise DomainError(
            "VERSION_MISMATCH", f"the file's name says {path.stem}", field="version", value=policy.version
        )
    if policy.id != "/".join(path.parent.parts[-2:]):
        raise DomainError("ID_MISMATCH", "the id is <country>/<programme>, as the folders", field="id", value=policy.id)


def policy_files(folder: Path) -> list[Path]:
    """The policy files under a folder: <country>/<programme>/<date>.toml."""
    return sorted(path for path in folder.glob("*/*/*.toml") if _is_dated(path))


def _is_dated(path: Path) -> bool:
    try:
        return date.fromisoformat(path.stem).isoformat() == path.stem
    except ValueError as error:
        raise DomainError("FILE_MISNAMED", "name it by a day, as 2023-03-24.toml", field=str(path)) from error


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Read all policy files; one unreadable stops everything, for nobody may run on half the rules."""
    files = policy_files(paths.require(folder or paths.POLICIES))
    if not files:
        raise DomainError("POLICIES_MISSING", "there is no policy file", field=str(folder or paths.POLICIES))
    return Catalogue(load_policy(path) for path in files)
