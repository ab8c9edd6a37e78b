"""Finds and reads case files: one story a file, and a story like another names a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compliance import strict_toml
from compliance.cases.likeness import EXPECTATIONS, flattened
from compliance.cases.reading import Case, read_case
from compliance.domain.errors import DomainError
from compliance.domain.policy import Policy
from compliance.domain.wire import read_instant
from compliance.policies.catalogue import Catalogue


def case_files(folder: Path) -> list[Path]:
    """All case files under a folder. Raises DomainError if there is none, for that would prove nothing."""
    if not folder.is_dir():
        raise DomainError("FOLDER_MISSING", "there is no such folder", field=str(folder))
    files = sorted(folder.rglob("*.toml"))
    if not files:
        raise DomainError("CASES_MISSING", "there is no case file here", field=str(folder))
    return files


def load_case(path: Path, catalogue: Catalogue) -> tuple[Case, Policy]:
    """Read a case file and find the policy in force at its moment. Raises DomainError."""
    raw = strict_toml.load(path)

    def beside(name: str) -> Mapping[str, Any]:
        return strict_toml.load(path.with_name(f"{name}.toml"))

    try:
        whole = flattened(raw, beside)
        programme = whole.get("programme")
        if not isinstance(programme, str):
            raise DomainError("MEMBER_MISSING", "say which programme", field="programme", value=programme)
        at = read_instant(whole.get("at"), "at")
        story = {name: value for name, value in whole.items() if name not in EXPECTATIONS}
        asked = read_case(story, catalogue.get(programme, at), path.stem)
        issued = [fact.at for fact in asked.facts if fact.id == asked.request.prescription]
        policy = catalogue.get(programme, at, *issued[:1])
        return read_case(whole, policy, path.stem), policy
    except DomainError as error:
        raise strict_toml.in_file(error, path) from error
