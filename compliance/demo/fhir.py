"""Takes patients from FHIR R4 bundles: strict on what the programme relies on, tolerant of all else.

A file that cannot be used is named with the reason and does not stop the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from compliance.domain.errors import DomainError
from compliance.domain.wire import read_date, read_text
from compliance.strict_json import JsonError, load

_MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 64
_GENDERS = ("male", "female", "other", "unknown")
_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_SNOMED = "http://snomed.info/sct"
_EVIDENCE = {
    ("Procedure", "236886002"): "hysterectomy",
    ("Condition", "289903006"): "natural_menopause",
}
"""Which statements are understood as evidence; anything else counts for nothing, the strictest reading."""
_PREGNANCY = ("Condition", "72892002")


class Unusable(ValueError):
    """A file, or a patient in it, that cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirPatient:
    """A patient as a bundle states them; `sex` is male only if nothing says otherwise."""

    source: str
    family_name: str
    given_name: str
    birth_date: date
    sex: str
    identifiers: tuple[tuple[str, str], ...]
    basis: str = ""
    last_menses_on: date | None = None
    is_pregnant: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was not taken, and why."""

    name: str
    reason: str


def read_folder(folder: Path) -> tuple[list[FhirPatient], list[Unread]]:
    """Read every JSON file of a folder, by name, so that the order does not depend on the disk."""
    taken: list[FhirPatient] = []
    unread: list[Unread] = []
    for path in sorted(folder.glob("*.json")):
        try:
            for found in read_patients(path.name, _bytes(path)):
                (unread if isinstance(found, Unread) else taken).append(found)  # type: ignore[arg-type]
        except (Unusable, JsonError) as error:
            unread.append(Unread(path.name, str(error)))
    return taken, unread


def read_patients(source: str, data: bytes) -> list[FhirPatient | Unread]:
    """Read the living patients of a bundle, or a bare Patient. Raises Unusable if the file holds none."""
    entries = list(_entries(load(data, max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH, decimals=True)))
    patients = [(url, found) for url, found in entries if found.get("resourceType") == "Patient"]
    if not patients:
        raise Unusable("holds no Patient resource")
    out: list[FhirPatient | Unread] = []
    for nth, (url, patient) in enumerate(patients, 1):
        name = source if len(patients) == 1 else f"{source}, patient {nth}"
        names = {url, f"Patient/{patient.get('id')}"}
        said = [r for _, r in entries if _is_about(r, names, is_only=len(patients) == 1)]
        suspected = (
            said if len(patients) > 1 else [r for _, r in entries]
        )  # whomever it names: it stops, and frees nobody
        try:
            out.append(_read_patient(name, patient, said, suspected))
        except (Unusable, DomainError) as error:
            out.append(Unread(name, str(error)))
    return out


def _is_about(resource: dict[str, Any], names: set[str], *, is_only: bool) -> bool:
    """Whose statement it is: of several patients nobody is exempted by a statement about another."""
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return reference in names if isinstance(reference, str) else is_only


def _read_patient(
    source: str, patient: dict[str, Any], said: list[dict[str, Any]], suspected: list[dict[str, Any]]
) -> FhirPatient:
    if patient.get("deceasedDateTime") is not None or patient.get("deceasedBoolean", False) is not False:
        raise Unusable("the patient has died")
    family, given = _name(patient)
    basis, last_menses_on = _evidence(said)
    return FhirPatient(
        source=source,
        family_name=family,
        given_name=given,
        birth_date=read_date(patient.get("birthDate"), "Patient.birthDate"),
        sex=_sex(patient),
        identifiers=tuple(_identifiers(patient)),
        basis=basis,
        last_menses_on=last_menses_on,
        is_pregnant=any(_PREGNANCY in _codes(r) and "abatementDateTime" not in r for r in suspected),
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise Unusable(f"cannot be read: {error.strerror}") from error


def _entries(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource with the name by which the others of its bundle call it."""
    if not isinstance(document, dict):
        raise Unusable("is not a FHIR resource")
    if document.get("resourceType") == "Patient":
        yield "", document
        return
    entries = document.get("entry", [])
    if document.get("resourceType") != "Bundle" or not isinstance(entries, list):
        raise Unusable("is neither a Bundle nor a Patient")
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield str(entry.get("fullUrl", "")), resource


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _name(patient: dict[str, Any]) -> tuple[str, str]:
    """The official name, else the first; a patient without both names is not taken."""
    names = _dicts(patient.get("name"))
    for name in sorted(names, key=lambda n: n.get("use") != "official"):
        given = name.get("given")
        parts = [name.get("family"), *(given if isinstance(given, list) else [])]
        if len(parts) > 1 and all(isinstance(part, str) and part.strip() for part in parts):
            family, *others = [read_text(part, "Patient.name") for part in parts]
            return family, " ".join(others)
    raise Unusable("Patient.name has no family and given name")


def _sex(patient: dict[str, Any]) -> str:
    """Male only if gender says so and nothing contradicts it: all others could become pregnant."""
    gender = patient.get("gender", "unknown")
    if gender not in _GENDERS:
        raise Unusable(f"Patient.gender is none of {', '.join(_GENDERS)}")
    at_birth = [e.get("valueCode") for e in _dicts(patient.get("extension")) if e.get("url") == _BIRTH_SEX]
    return "male" if gender == "male" and all(code == "M" for code in at_birth) else "female"


def _identifiers(patient: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Medical record numbers alone: the register has no use for passports and social security numbers."""
    for found in _dicts(patient.get("identifier")):
        kind = found.get("type")
        codes = [c.get("code") for c in _dicts(kind.get("coding"))] if isinstance(kind, dict) else []
        system, value = found.get("system"), found.get("value")
        if "MR" in codes and isinstance(system, str) and isinstance(value, str):
            yield system, value


def _evidence(resources: list[dict[str, Any]]) -> tuple[str, date | None]:
    """The first final statement that the patient cannot become pregnant; anything less counts for nothing."""
    for resource in resources:
        basis = next((_EVIDENCE[k] for k in _codes(resource) if k in _EVIDENCE), "")
        if basis == "hysterectomy" and resource.get("status") == "completed":
            return basis, None
        onset = resource.get("onsetDateTime")
        if basis == "natural_menopause" and _is_confirmed(resource) and isinstance(onset, str):
            try:
                return basis, read_date(onset[:10], "Condition.onsetDateTime")
            except DomainError:  # FHIR allows a bare year, which proves no 24 months
                continue
    return "", None


def _codes(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    code = resource.get("code")
    for coding in _dicts(code.get("coding")) if isinstance(code, dict) else []:
        if coding.get("system") == _SNOMED:
            yield str(resource.get("resourceType")), str(coding.get("code"))


def _is_confirmed(condition: dict[str, Any]) -> bool:
    status = condition.get("verificationStatus")
    codes = [c.get("code") for c in _dicts(status.get("coding"))] if isinstance(status, dict) else []
    return codes == ["confirmed"]
