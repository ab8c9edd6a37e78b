"""Each policy version as a sheet: whoever works here can hold a rule against its source, whatever their role."""

from __future__ import annotations

from flask import Blueprint, render_template

from compliance.domain.errors import DomainError
from compliance.policies.sheet import Sheet, sheet_of, standing
from compliance.services.errors import no_such
from compliance.web.request import now, programme
from compliance.web.sessions import guarded, signed_in

blueprint = guarded(Blueprint("policies", __name__, url_prefix="/policies"))


@blueprint.get("")
@signed_in
def index() -> str:
    """List every version of every programme by jurisdiction, the newest first."""
    catalogue, found = programme().policies, dict[str, list[tuple[Sheet, str]]]()
    for policy in reversed(catalogue.everything()):
        sheet = sheet_of(catalogue, policy.id, policy.version)
        found.setdefault(policy.jurisdiction, []).append((sheet, standing(sheet, now())))
    for sheets in found.values():
        sheets.sort(key=lambda one: one[0].policy.id)  # keeps the newest version of each first
    return render_template("policies/index.html", jurisdictions=sorted(found.items()))


@blueprint.get("/<country>/<name>/<version>")
@signed_in
def show(country: str, name: str, version: str) -> str:
    """Show one version as the sheet that is also printed."""
    try:
        sheet = sheet_of(programme().policies, f"{country}/{name}", version)
    except DomainError as unknown:
        raise no_such("policy") from unknown
    return render_template("policies/show.html", sheet=sheet, stands=standing(sheet, now()))
