"""`kelsey decide` and `kelsey cases run`: what the gate says about a story written down by anybody."""

from __future__ import annotations

import argparse
import json
from typing import Any

from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from compliance.cases import Mismatch, Ran, load_case, run_case
from compliance.cases.files import case_files
from compliance.cli.speaking import console, is_for_people, shown
from compliance.domain.decision import REASONS, Finding, Outcome
from compliance.domain.errors import DomainError
from compliance.domain.policy import Policy
from compliance.domain.wire import write_instant
from compliance.policies import load_catalogue


def decide(options: argparse.Namespace) -> int:
    """Decide one case; the exit code is the decision's, whatever the case expected."""
    case, policy = load_case(options.case, load_catalogue())
    ran = run_case(case, policy)
    if options.json:
        print(json.dumps(as_plain(ran, policy), indent=2))
    elif is_for_people():
        _print_table(ran, policy)
    else:
        print("\n".join(lines(ran, policy)))
    return 0 if ran.decision.is_allowed else 1


def _time(moment: Any) -> str | None:
    return None if moment is None else write_instant(moment)


def as_plain(ran: Ran, policy: Policy) -> dict[str, Any]:
    """The whole answer as plain data, for programs."""
    decision = ran.decision
    return {
        "case": ran.case.name,
        "policy": {
            "id": decision.policy_id,
            "version": decision.policy_version,
            "sha256": decision.policy_sha256,
        },
        "at": write_instant(decision.at),
        "step": decision.request.step.value,
        "prescription": decision.request.prescription,
        "category": decision.category.value if decision.category else None,
        "allowed": decision.is_allowed,
        "outcome": decision.outcome.value,
        "codes": list(decision.codes),
        "valid_until": _time(decision.valid_until),
        "earliest_at": _time(decision.earliest_at),
        "authorization_ends_at": _time(decision.authorization_ends_at),
        "findings": [_finding(finding, policy) for finding in decision.findings],
        "advice": [_finding(finding, policy) for finding in decision.advice],
        "mismatches": [mismatch._asdict() for mismatch in ran.mismatches],
    }


def _finding(finding: Finding, policy: Policy) -> dict[str, Any]:
    reason = REASONS[finding.code]
    found = next((r for r in policy.requirements if r.id == finding.requirement), None)
    source = found.source if found else ""
    known = policy.sources.get(source.partition("#")[0])
    return {
        "requirement": finding.requirement,
        "met": finding.is_met,
        "refers": finding.refers,
        "code": finding.code,
        "reason": reason.sentence,
        "mender": reason.mender.value,
        "next_step": reason.next_step,
        "evidence": list(finding.evidence),
        "until": _time(finding.until),
        "opens": finding.opens.value,
        "opens_at": _time(finding.opens_at),
        "text": found.text if found else "The policy is active and in force.",
        "source": source,
        "source_title": known.title if known else "",
        "confidence": found.confidence if found else "",
    }


def lines(ran: Ran, policy: Policy) -> list[str]:
    """The whole answer in plain lines."""
    out = [headline(ran, policy)]
    for finding in ran.decision.findings:
        said = _finding(finding, policy)
        mark = "met  " if finding.is_met else "REFER" if finding.refers else "UNMET"
        out.append(f"{mark}  {said['requirement']}: {said['text']}")
        out += [f"       {line}" for line in _details(finding, said, policy)]
    for finding in ran.decision.advised:
        said = _finding(finding, policy)
        out.append(f"advice {said['requirement']}: {said['text']} {said['reason']}")
    return [*out, *_closing(ran, policy)]


_VERDICTS = {
    Outcome.ALLOW: "ALLOWED",
    Outcome.REFUSE: "BLOCKED",
    Outcome.REFER: "ALLOWED, AND REFERRED",
    Outcome.NOT_GATED: "NOT GATED",
}


def headline(ran: Ran, policy: Policy) -> str:
    """The verdict, about what, when and under which rules."""
    decision = ran.decision
    verdict = _VERDICTS[decision.outcome]
    category = decision.category.value if decision.category else f"unknown, taken as {policy.strictest.value}"
    return (
        f"{verdict}: {decision.request.step.value} {decision.request.prescription}"
        f" at {shown(decision.at, policy.zone)}"
        f" (category {category}; {policy.id} {policy.version}, SHA-256 {policy.sha256[:16]}...)"
    )


def _details(finding: Finding, said: dict[str, Any], policy: Policy) -> list[str]:
    out = []
    if not finding.is_met:
        mender = said["mender"].replace("_", " ")
        out.append(f"{said['code']}: {said['reason']}")
        out.append(f"{mender}: {said['next_step']}")
        out.append(_opening(finding, policy))
    if finding.until is not None:
        out.append(f"until {shown(finding.until, policy.zone)}")
    if finding.evidence:
        out.append(f"rests on {', '.join(finding.evidence)}")
    if said["source"]:
        out.append(f"source {said['source']} ({said['confidence']}): {said['source_title']}")
    return out


def _opening(finding: Finding, policy: Policy) -> str:
    if finding.opens_at is None:
        return "cannot be met under this policy"
    how = finding.opens.value.replace("_", " ")
    return f"could be met from {shown(finding.opens_at, policy.zone)}, {how}"


def _closing(ran: Ran, policy: Policy) -> list[str]:
    decision, out = ran.decision, []
    if decision.is_allowed:
        ends = shown(decision.valid_until, policy.zone)
        out.append(f"allowed until {ends}" if ends else "allowed; no end in sight")
    else:
        opens = shown(decision.earliest_at, policy.zone)
        out.append(f"could be allowed from {opens}" if opens else "cannot come to be allowed under this policy")
    if decision.authorization_ends_at is not None and decision.request.step.value == "authorize":
        out.append(f"an authorization given now would end {shown(decision.authorization_ends_at, policy.zone)}")
    return out + [_mismatch(mismatch) for mismatch in ran.mismatches]


def _mismatch(found: Mismatch) -> str:
    return f"NOT AS EXPECTED: {found.what}: expected {found.expected}; got {found.got}"


def _print_table(ran: Ran, policy: Policy) -> None:
    out = console()
    out.print(Text(headline(ran, policy), style="bold green" if ran.decision.is_allowed else "bold red"))
    table = Table(show_lines=True, expand=True)
    for heading in ("", "requirement", "what was found"):
        table.add_column(heading, overflow="fold", no_wrap=not heading)
    for finding in ran.decision.findings:
        said = _finding(finding, policy)
        found = "\n".join([said["text"], *_details(finding, said, policy)])
        mark = (
            Text("met", style="green")
            if finding.is_met
            else Text("REFER" if finding.refers else "UNMET", style="bold red")
        )
        table.add_row(mark, Text(said["requirement"]), Text(found))
    for finding in ran.decision.advised:
        said = _finding(finding, policy)
        table.add_row(Text("advice"), Text(said["requirement"]), Text(f"{said['text']}\n{said['reason']}"))
    out.print(table)
    for line in _closing(ran, policy):
        out.print(Text(line, style="bold"))


def run_cases(options: argparse.Namespace) -> int:
    """Run every case file of a folder and say where the answers differ from the expected ones."""
    catalogue, files = load_catalogue(), case_files(options.folder)
    wrong, unreadable = 0, 0
    out = console()
    with Progress(console=out, transient=True, disable=not is_for_people()) as progress:
        for path in progress.track(files, description="cases"):
            try:
                case, policy = load_case(path, catalogue)
                if not case.expected.says_something:
                    says = "say allowed, unmet or codes"
                    raise DomainError("NOTHING_EXPECTED", says, field=f"{path}: allowed")
            except DomainError as error:
                unreadable += 1
                out.print(f"unreadable: {error}", soft_wrap=True)
                continue
            ran = run_case(case, policy)
            wrong += bool(ran.mismatches)
            for mismatch in ran.mismatches:
                out.print(f"{path}: {_mismatch(mismatch)}", soft_wrap=True)
    right = len(files) - wrong - unreadable
    out.print(f"{len(files)} cases: {right} as expected, {wrong} not as expected, {unreadable} unreadable")
    return 2 if unreadable else 1 if wrong else 0
