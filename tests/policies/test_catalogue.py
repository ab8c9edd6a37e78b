"""The catalogue gives the version in force at a moment, and refuses to run on half the rules."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from compliance.domain.errors import DomainError
from compliance.domain.span import Instant, instant
from compliance.paths import POLICIES
from compliance.policies import Catalogue, load_catalogue, load_policy
from tests.policies.copies import NAME, SMALL, planted

FIRST, SECOND = ("2024-01-01", "2024-07-01")


def versions(folder: Path) -> Catalogue:
    """The small policy in two versions."""
    planted(folder)
    path = planted(folder / "later", (FIRST, SECOND))
    path.rename(folder / "xx" / "small" / f"{SECOND}.toml")
    return load_catalogue(folder)


def at(text: str) -> Instant:
    return instant(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        ("2023-01-01T00:00:00+00:00", FIRST),
        ("2024-01-01T00:00:00+01:00", FIRST),
        ("2024-06-30T23:59:59+02:00", FIRST),
        ("2024-07-01T00:00:00+02:00", SECOND),
        ("2099-01-01T00:00:00+00:00", SECOND),
    ],
)
def test_the_version_in_force_at_a_moment(moment: str, version: str, tmp_path: Path) -> None:
    assert versions(tmp_path).get("xx/small", at(moment)).version == version


def test_all_versions_are_listed_oldest_first(tmp_path: Path) -> None:
    catalogue = versions(tmp_path)
    assert [policy.version for policy in catalogue.versions("xx/small")] == [FIRST, SECOND]
    assert [policy.version for policy in catalogue.all()] == [FIRST, SECOND]
    assert catalogue.programmes() == ("xx/small",)


def test_the_committed_policies_load_with_the_digest_of_their_bytes() -> None:
    policy = load_catalogue().get("us/lenalidomide-rems", at("2024-03-04T10:00:00-05:00"))
    data = (POLICIES / "us" / "lenalidomide-rems" / "2023-03-24.toml").read_bytes()
    assert (policy.version, policy.sha256) == ("2023-03-24", hashlib.sha256(data).hexdigest())


def test_a_product_names_its_programme(tmp_path: Path) -> None:
    catalogue = versions(tmp_path)
    assert catalogue.for_product("smallomide", at("2024-08-01T00:00:00+00:00")).version == SECOND
    with pytest.raises(DomainError) as refused:
        catalogue.for_product("aspirin", at("2024-08-01T00:00:00+00:00"))
    assert (refused.value.code, refused.value.field, refused.value.value) == (
        "PRODUCT_NOT_COVERED", "product", "aspirin",
    )  # fmt: skip


def test_a_product_of_two_programmes_is_refused(tmp_path: Path) -> None:
    planted(tmp_path)
    twin = planted(tmp_path / "twin", ('id = "xx/small"', 'id = "yy/small"'))
    (tmp_path / "yy" / "small").mkdir(parents=True)
    twin.rename(tmp_path / "yy" / "small" / f"{FIRST}.toml")
    with pytest.raises(DomainError) as refused:
        load_catalogue(tmp_path).for_product("smallomide", at("2024-08-01T00:00:00+00:00"))
    assert (refused.value.code, refused.value.message) == (
        "PRODUCT_IN_SEVERAL_PROGRAMMES", "covered by xx/small, yy/small",
    )  # fmt: skip


def test_an_unknown_programme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match=r"programme: give one of: xx/small \(given: xx/smal\)"):
        versions(tmp_path).get("xx/smal", at("2024-08-01T00:00:00+00:00"))


def test_two_versions_of_one_day_are_refused() -> None:
    policy = load_policy(SMALL / NAME)
    with pytest.raises(DomainError) as refused:
        Catalogue([policy, policy])
    assert (refused.value.code, refused.value.field) == ("VERSION_TWICE", "xx/small")


def test_a_folder_without_policies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refused:
        load_catalogue(tmp_path)
    assert refused.value.code == "POLICIES_MISSING"


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        (f'version = "{FIRST}"', 'version = "2024-01-02"', "VERSION_MISMATCH", "version"),
        (f"in_force_from = {FIRST}", "in_force_from = 2024-01-02", "VERSION_MISMATCH", "version"),
        ("at_most = 28", "at_most = 28.5", "", ""),
        ("at_most = 28", "at_most = nan", "", ""),
        ("at_most = 28", "at_most = -1", "NOT_A_COUNT", "requirement.2.at_most"),
        ("at_most = 28", 'at_most = "28"', "NOT_A_COUNT", "requirement.2.at_most"),
        ("at_most = 28", f"at_most = {10**30}", "NUMBER_TOO_LARGE", "requirement.2.at_most"),
        ("at_most = 28", "at_most = 28\nat_most = 29", "TOML_MALFORMED", ""),
        ("at_most = 28", "at_most = 28\nat_least = 1", "UNKNOWN_MEMBER", "requirement.2.at_least"),
        ("in_force_from = 2024-01-01", "in_force_from = 2024-02-30", "TOML_MALFORMED", ""),
        ('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Berlim"', "ZONE_UNKNOWN", ""),
        ('time_zone = "Europe/Berlin"', 'time_zone = "../../etc/passwd"', "ZONE_UNKNOWN", ""),
    ],
)
def test_a_policy_that_cannot_be_read_stops_everything(
    old: str, new: str, code: str, field: str, tmp_path: Path
) -> None:
    path = planted(tmp_path, (old, new))
    with pytest.raises(DomainError) as refused:
        load_catalogue(tmp_path)
    assert str(path) in refused.value.field
    assert str(path) in str(refused.value)
    assert refused.value.code == (code or "NOT_A_WHOLE_NUMBER")
    assert refused.value.field.endswith(field)


def test_nothing_is_read_again_while_running(tmp_path: Path) -> None:
    catalogue = versions(tmp_path)
    before = catalogue.all()
    for path in (tmp_path / "xx" / "small").iterdir():
        path.unlink()
    later = instant(datetime(2024, 8, 1, tzinfo=UTC) + timedelta(days=1))
    assert catalogue.get("xx/small", later) is before[-1]
