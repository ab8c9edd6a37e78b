"""The auditor's pages: entries as they were signed, receipts, and the whole log as one verifiable file."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request, send_file

from compliance.domain.access import Verb
from compliance.ledger.entry import parse_leaf
from compliance.services import logs
from compliance.services.errors import no_such
from compliance.web.forms import Action
from compliance.web.request import actor, now, programme
from compliance.web.sessions import guarded, needs

blueprint = guarded(Blueprint("audit", __name__, url_prefix="/log"))

_PAGE = 50
_DIGITS = 12


@blueprint.get("")
@needs(Verb.READ_LOG)
def index() -> str:
    """Show the newest entries, or those from an index on."""
    size = logs.log_size(programme(), actor())
    newest = max(0, size - _PAGE)
    asked = request.args.get("from", "")
    start = min(int(asked), newest) if asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS else newest
    entries = list(reversed(logs.list_entries(programme(), actor(), start, _PAGE)))
    return render_template(
        "audit/index.html", entries=entries, size=size, vkey=logs.log_vkey(programme()), form=Action(),
        older=max(0, start - _PAGE) if start else None, newer=start + _PAGE if start < newest else None,
    )  # fmt: skip


@blueprint.get("/<int:idx>")
@needs(Verb.READ_LOG)
def entry(idx: int) -> str:
    """Show one entry as it was signed, with its receipt."""
    found = logs.list_entries(programme(), actor(), idx, 1) if len(str(idx)) <= _DIGITS else []
    if not found or found[0].idx != idx:
        raise no_such("entry")
    body: dict[str, Any] = parse_leaf(found[0].leaf)
    return render_template(
        "audit/entry.html", entry=found[0], body=body, text=json.dumps(body, indent=2, ensure_ascii=True),
        receipt=logs.get_receipt(programme(), actor(), found[0].txn),
    )  # fmt: skip


@blueprint.post("/export")
@needs(Verb.EXPORT_LOG)
def export() -> Response:
    """Hand out the whole log as one file that verifies offline; that it was handed out is logged too."""
    handle, name = tempfile.mkstemp(prefix="kelsey-log-", suffix=".zip")
    os.close(handle)
    try:
        made = logs.export_log(programme(), actor(), Path(name))
        file = made.path.open("rb")  # open before unlinking: the name goes, the bytes stay until they are sent
    finally:
        Path(name).unlink(missing_ok=True)
    download = f"kelsey-log-{now():%Y%m%dT%H%M%SZ}-{made.size}.zip"
    response = send_file(file, mimetype="application/zip", as_attachment=True, download_name=download)
    response.headers["X-Log-Size"] = str(made.size)
    return response


@blueprint.get("/verify")
@needs(Verb.READ_LOG)
def verify() -> str:
    """Say how to verify an export, without this system and offline."""
    return render_template("audit/verify.html", vkey=logs.log_vkey(programme()))
