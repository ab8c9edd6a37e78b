"""Finds the version of a policy in force at a moment, so that any past decision can be computed again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

from compliance import paths, strict_toml
from compliance.domain.errors import DomainError
from compliance.domain.policy import Policy, read_policy
from compliance.domain.span import Instant


class Catalogue:
    """All policies, by programme and day of coming into force; nothing in it changes after loading.

    `layers` name the sets of further requirements that the site has adopted: they are laid over the programmes
    that they are made for, and can only close the gate.
    """

    __slots__ = ("_layers", "_versions", "_whole")

    def __init__(self, policies: Iterable[Policy], layers: Iterable[str] = ()) -> None:
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
        self._layers = tuple(sorted(set(layers)))
        for layer in self._layers:
            if not all(policy.layer_over for policy in self.versions(layer)):
                raise DomainError("NOT_A_LAYER", "name a layer, not a programme", field="layers", value=layer)
        self._whole: dict[tuple[str, ...], Policy] = {}

    def adopting(self, layers: Iterable[str]) -> Catalogue:
        """The same policies with these layers adopted."""
        return Catalogue((p for found in self._versions.values() for p in found), layers)

    def programmes(self) -> tuple[str, ...]:
        """The ids of all programmes, in order."""
        return tuple(programme for programme, found in self._versions.items() if not found[0].layer_over)

    def versions(self, programme: str) -> tuple[Policy, ...]:
        """All versions of a programme or layer, oldest first. Raises DomainError for an unknown one."""
        found = self._versions.get(programme)
        if found is None:
            known = ", ".join(self.programmes()) or "none"
            raise DomainError("PROGRAMME_UNKNOWN", f"give one of: {known}", field="programme", value=programme)
        return found

    def get(self, programme: str, at: Instant, prescribed_at: Instant | None = None) -> Policy:
        """The version in force at a moment, or the one under which a prescription issued earlier is finished.

        Before the first version comes the first: under it the gate then refuses.
        """
        policy = _in_force(self.versions(programme), at)
        if prescribed_at is not None and prescribed_at < policy.starts_at:
            issued_under = _in_force(self.versions(programme), prescribed_at)
            if issued_under.covers(prescribed_at):
                policy = issued_under
        return self._with_layers(policy, at)

    def exactly(self, programme: str, version: str, at: Instant) -> Policy:
        """One version by its name, as it stood at a moment: what a decision was made under."""
        found = next((policy for policy in self.versions(programme) if policy.version == version), None)
        if found is None:
            raise DomainError("VERSION_UNKNOWN", f"{programme} has no such version", field="version", value=version)
        return self._with_layers(found, at)

    def for_product(self, product: str, at: Instant, prescribed_at: Instant | None = None) -> Policy:
        """The version in force of the one programme that covers a product; none or several are an error."""
        covering = [p for p in (self.get(i, at, prescribed_at) for i in self.programmes()) if product in p.products]
        if len(covering) != 1:
            code = "PRODUCT_NOT_COVERED" if not covering else "PRODUCT_IN_SEVERAL_PROGRAMMES"
            names = ", ".join(policy.id for policy in covering) or "no programme"
            raise DomainError(code, f"covered by {names}", field="product", value=product)
        return covering[0]

    def all(self) -> tuple[Policy, ...]:
        """Every version of every programme, by programme and day."""
        return tuple(policy for programme in self.programmes() for policy in self._versions[programme])

    def everything(self) -> tuple[Policy, ...]:
        """Every version of every programme and of every layer, as its own file says it."""
        return tuple(policy for found in self._versions.values() for policy in found)

    def _with_layers(self, policy: Policy, at: Instant) -> Policy:
        over = [_in_force(self.versions(layer), at) for layer in self._layers]
        adopted = [layer for layer in over if layer.starts_at <= at and policy.id in layer.layer_over]
        if not adopted:
            return policy
        key = policy.id, policy.version, *[f"{layer.id}@{layer.version}" for layer in adopted]
        whole = self._whole.get(key)
        if whole is None:
            whole = policy
            for layer in adopted:
                whole = whole.under(layer)
            self._whole[key] = whole
        return whole


def _in_force(versions: tuple[Policy, ...], at: Instant) -> Policy:
    started = [policy for policy in versions if policy.starts_at <= at]
    return started[-1] if started else versions[0]


def load_policy(path: Path) -> Policy:
    """Read one policy file; its name and folder must be those it gives itself."""
    policy = _read(strict_toml.read_bytes(path), str(path))
    try:
        _check_place(policy, path)
    except DomainError as error:
        raise strict_toml.in_file(error, path) from error
    return policy


@lru_cache(maxsize=256)
def _read(data: bytes, name: str) -> Policy:
    """One reading of the same bytes in one process; a policy never changes once it is read."""
    raw = strict_toml.parse(data, name)
    try:
        return read_policy(raw, hashlib.sha256(data).hexdigest())
    except DomainError as error:
        raise strict_toml.in_file(error, name) from error


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


def load_catalogue(folder: Path | None = None, layers: Iterable[str] = ()) -> Catalogue:
    """Read all policy files; one unreadable stops everything, for nobody may run on half the rules."""
    files = policy_files(paths.require(folder or paths.POLICIES))
    if not files:
        raise DomainError("POLICIES_MISSING", "there is no policy file", field=str(folder or paths.POLICIES))
    return Catalogue((load_policy(path) for path in files), layers)
