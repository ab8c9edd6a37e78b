"""What can be said on the command line; the code behind a command is only loaded when it is called.

So `kelsey log verify` needs neither database nor network, and `--help` answers at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from compliance.domain.access import Role
from compliance.domain.facts import Category, CycleRegularity

EXITS = """exit codes: 0 done, or allowed, or all as expected
            1 blocked, or not as expected, or could not be done
            2 unreadable input or a wrong command line"""
_EXITS_CASE = "exit codes: 0 allowed, 1 blocked, 2 unreadable (file, field and value are named)."
_EXITS_CASES = "exit codes: 0 all as expected, 1 some not, 2 a file is unreadable or expects nothing."
_EXITS_CHECK = "exit codes: 0 all proven, 1 something is wrong or not proven, 2 nothing to check."
_EXITS_DIFF = "exit codes: 0 no decision differs, 1 some do, 2 unreadable or nothing to compare."
_EXITS_SIMULATE = (
    "exit codes: 0 the whole calendar, 1 something stands in the way or no version is in force, 2 unreadable."
)
_EXITS_VERIFY = "exit codes: 0 everything holds, 1 something does not, 2 the export cannot be read."
_EXITS_ACT = "exit codes: 0 done, 1 refused or not possible now, 2 a wrong command line or setting."

Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - has no public name


def parser() -> argparse.ArgumentParser:
    """The whole command line; `run` names the function behind each command as module:function."""
    top = argparse.ArgumentParser(
        prog="kelsey",
        description="Controlled distribution: no dispense without a signed decision.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _operating(commands)
    _accounts(commands)
    _deciding(commands)
    _working(commands)
    _proving(commands)
    _ledger(commands)
    return top


def _command(group: Group, name: str, run: str, says: str, exits: str = _EXITS_ACT) -> argparse.ArgumentParser:
    found = group.add_parser(name, help=says, description=says, epilog=exits)
    found.set_defaults(run=run)
    return found


def _group(commands: Group, name: str, says: str) -> Group:
    return commands.add_parser(name, help=says, description=says).add_subparsers(metavar="COMMAND", required=True)


def _operating(commands: Group) -> None:
    _command(commands, "init", "operating:init", "make the data folder and keys, bring the database up to date")
    serve = _command(commands, "serve", "serving:serve", "serve pages and API")
    serve.add_argument("--bind", metavar="HOST:PORT", help="where to listen (KELSEY_BIND, unless said)")
    serve.add_argument(
        "--workers", type=int, metavar="N", help="processes: 1 with SQLite, 2 with PostgreSQL unless said"
    )
    demo = _command(commands, "demo", "operating:demo", "load the pilot programme")
    demo.add_argument("--fhir", type=Path, metavar="DIR", help="take patients from the FHIR R4 bundles in a folder")


def _accounts(commands: Group) -> None:
    users = _group(commands, "users", "manage the accounts of people")
    add = _command(users, "add", "operating:add_user", "add a person")
    add.add_argument("username")
    add.add_argument("--name", required=True, help="the person's name")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--site", required=True, metavar="ID", help="see kelsey sites list")
    add.add_argument("--password-stdin", action="store_true", help="read the password from the first line of input")
    _command(users, "list", "operating:list_users", "list everybody who has an account")
    sites = _group(commands, "sites", "manage clinics, pharmacies and offices")
    site = _command(sites, "add", "operating:add_site", "add a site and print its id")
    site.add_argument("name")
    site.add_argument("--kind", required=True, choices=["clinic", "pharmacy", "office"])
    site.add_argument("--zone", required=True, help="its time zone, such as America/New_York")
    _command(sites, "list", "operating:list_sites", "list all sites")


def _deciding(commands: Group) -> None:
    decide = _command(commands, "decide", "deciding:decide", "read a case and print every finding", _EXITS_CASE)
    decide.add_argument("case", type=Path, metavar="CASE.toml", help="see policies/README.md for the format")
    decide.add_argument("--json", action="store_true", help="print one JSON object")
    cases = _group(commands, "cases", "run case files")
    run = _command(
        cases, "run", "deciding:run_cases", "run all case files of a folder, report mismatches", _EXITS_CASES
    )
    run.add_argument("folder", type=Path, metavar="DIR")


def _working(commands: Group) -> None:
    says = "list who could be supplied now, and what is due for everybody else"
    found = _command(commands, "worklist", "working:show", says)
    found.add_argument("programme", metavar="PROGRAMME", help="for example us/lenalidomide-rems")
    found.add_argument("--at", metavar="TIME", help="the moment asked about, as 2026-03-07T14:30:00-05:00 (now)")
    found.add_argument("--step", choices=["authorize", "confirm", "dispense"], default="dispense", help="(dispense)")
    found.add_argument("--site", metavar="ID", default="", help="only the patients of a clinic or pharmacy")
    found.add_argument("--processes", type=int, default=1, metavar="N", help="work with N processes (1)")
    found.add_argument("--json", action="store_true", help="print one JSON object a line")


def _proving(commands: Group) -> None:
    policies = _group(commands, "policies", "prove the policy files, or print one")
    says = "prove schema, sources, examples, requirements, numbers and filters"
    check = _command(policies, "check", "proving:check", says, _EXITS_CHECK)
    check.add_argument(
        "path", type=Path, nargs="?", metavar="PATH", help="a policy file, or the folder of all countries"
    )
    show = _command(policies, "show", "showing:show", "show a policy with the source and confidence of each number")
    show.add_argument(
        "programme", nargs="?", metavar="PROGRAMME[@VERSION]", help="for example us/lenalidomide-rems@2023-03-24"
    )
    show.add_argument("--at", metavar="DATE", help="the version in force on that day (today, unless said)")
    show.add_argument("--html", type=Path, metavar="FILE", help="write a page to print instead")
    show.add_argument("--all", action="store_true", help="write the pages of all versions; FILE is then a folder")
    _simulating(policies)
    _differing(policies)


def _simulating(policies: Group) -> None:
    says = "print the calendar of one patient who does all that a policy asks, when the gate asks for it"
    simulate = _command(policies, "simulate", "simulating:run", says, _EXITS_SIMULATE)
    simulate.add_argument("programme", metavar="PROGRAMME", help="for example us/lenalidomide-rems")
    simulate.add_argument("--patient", required=True, choices=[one.value for one in Category], help="the risk category")
    simulate.add_argument("--from", dest="since", required=True, metavar="DATE", help="the first day")
    simulate.add_argument("--days", type=int, default=365, metavar="N", help="how many days (365, unless said)")
    simulate.add_argument(
        "--cycles", choices=[one.value for one in CycleRegularity], help="menstrual cycles (not stated, unless said)"
    )
    says = "adopt a layer of further requirements (more than once, if need be)"
    simulate.add_argument("--layer", action="append", default=[], metavar="LAYER", help=says)
    simulate.add_argument("--svg", type=Path, metavar="FILE", help="draw it into a file")
    simulate.add_argument("--ics", type=Path, metavar="FILE", help="write it as an iCalendar file")


def _differing(policies: Group) -> None:
    says = "print what a version newly allows and newly denies, counted and each with a smallest example"
    diff = _command(policies, "diff", "differing:diff", says, _EXITS_DIFF)
    known = "two policy files, or PROGRAMME@VERSION; one PROGRAMME, or nothing: all neighbouring versions"
    diff.add_argument("policies", nargs="*", metavar="POLICY", help=known)
    diff.add_argument("--json", action="store_true", help="print one JSON list")
    diff.add_argument("--save", type=Path, metavar="DIR", help="write each group's example there as a case file")


def _ledger(commands: Group) -> None:
    log = _group(commands, "log", "verify an export of the log, or print entries")
    says = "verify an export; needs no database and no network"
    verify = _command(log, "verify", "ledger:verify", says, _EXITS_VERIFY)
    verify.add_argument("file", metavar="FILE")
    verify.add_argument(
        "--key", metavar="VKEY", help="the log's public key, from elsewhere (else this machine's own log)"
    )
    verify.add_argument("--previous", metavar="FILE", help="the checkpoint of the last export you accepted")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    show = _command(log, "show", "ledger:show", "print entries as they were signed, without vouching for them")
    source = show.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", metavar="FILE", help="an export")
    source.add_argument("--database", action="store_true", help="the log of this programme")
    show.add_argument("--start", type=int, default=0, metavar="N", help="the first entry (0, unless said)")
    show.add_argument("--limit", type=int, default=100, metavar="N", help="how many entries (100, unless said)")
