"""Logs who read whose record. The entry is committed before the record is shown; its place follows later."""

from compliance.services.actor import Actor
from compliance.services.acts import Act, moment, new_id
from compliance.services.app import App
from compliance.storage.database import Uow
from compliance.storage.patients import PatientRow


def log_read(app: App, actor: Actor, row: PatientRow, **refs: str) -> None:
    """Log a look at a patient, once for each quarter of an hour."""
    now = moment(app)
    who = (actor.id, actor.session, row.id)
    if not app.reads.is_new(who, now):
        return

    def unit(uow: Uow) -> None:
        app.log.check_clock(uow, now)
        Act(app, actor, uow, new_id("t"), now).log("record.read", patient=row, refs=refs)

    app.db.run(unit)
    app.reads.logged(who, now)


def log_list(app: App, actor: Actor, programme: str, site: str) -> None:
    """Log a look at the list of everybody, once for each quarter of an hour; one entry stands for all patients."""
    now = moment(app)
    who = (actor.id, actor.session, f"{programme} {site}")
    if not app.reads.is_new(who, now):
        return

    def unit(uow: Uow) -> None:
        app.log.check_clock(uow, now)
        refs = {"programme": programme.replace("/", ":"), "of_site": site or "all"}
        Act(app, actor, uow, new_id("t"), now).log("record.read", refs=refs)

    app.db.run(unit)
    app.reads.logged(who, now)
