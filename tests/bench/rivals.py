"""The dispense rules of the lenalidomide programme for two engines that a buyer could pick instead.

Neither counts days from facts, so both are asked over a context of counts, sets and flags that Python works out
from the same stored texts: `context_of`. It knows what the seeded patients need (adult females of reproductive
potential and adult males; no interrupted treatment, no reversal, no return), which is less than the gate knows.
What cannot be counted is given a number that no rule accepts.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import cedarpy
import zen

Plain = dict[str, Any]
Context = dict[str, Any]
NEVER, FAR = -1, 1_000_000
_ZONE = ZoneInfo("America/New_York")
_STRONG = frozenset(
    {"iud_copper", "iud_levonorgestrel", "hormonal_implant", "hormonal_injection", "combined_pill"}
    | {"hormonal_patch", "vaginal_ring", "tubal_ligation", "partner_vasectomy"}
)
_OTHER = frozenset({"male_condom", "diaphragm", "cervical_cap"})
FIRST_TOPICS = ("benefits_and_risks", "boxed_warning", "survey_duty")
EACH_TOPICS = ("contraception", "emergency_contraception")
PHARMACY_TOPICS = (
    "benefits_and_risks", "no_sharing", "no_blood_donation", "intact_capsules", "dose_and_administration",
    "read_materials", "comply_with_programme",
)  # fmt: skip


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(_ZONE).date()


def _seconds(later: datetime, text: str) -> int:
    return int((later - datetime.fromisoformat(text)).total_seconds())


def _months(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), after - timedelta(days=1))


class Certified:
    """Days of certification left for everybody, worked out once."""

    def __init__(self, plains: Iterable[Plain], at: datetime) -> None:
        today = at.astimezone(_ZONE).date()
        self._left: dict[tuple[str, str], int] = {}
        for plain in sorted(plains, key=lambda p: p["at"]):
            key = plain["role"], plain["subject"]
            is_on = plain["fact"] == "certification"
            self._left[key] = (date.fromisoformat(plain["expires_on"]) - today).days if is_on else NEVER

    def days_left(self, role: str, subject: str) -> int:
        """Days from today to the last day of the certification, NEVER without one."""
        return self._left.get((role, subject), NEVER)


def context_of(texts: Sequence[str], certified: Certified, at: datetime, now: str) -> Context | None:
    """Everything the rules count, for one patient at one moment; None for one who is not enrolled."""
    visible = [p for p in json.loads(f"[{','.join(texts)}]") if p["recorded_at"] <= now and p["at"] <= now]
    visible.sort(key=lambda p: (p["at"], p["recorded_at"], p["id"]))
    replaced = {p["corrects"] for p in visible if "corrects" in p}
    kinds: dict[str, list[Plain]] = {}
    for plain in visible:
        if plain["id"] not in replaced:
            kinds.setdefault(plain["fact"], []).append(plain)
    if "enrolment" not in kinds:
        return None
    today = at.astimezone(_ZONE).date()
    issued = max(kinds.get("prescription", ()), key=lambda p: (p["at"], p["id"]), default=None)
    agreement, dispenses = kinds["enrolment"][-1], kinds.get("dispense", [])
    is_first = not dispenses
    context: Context = {"category": agreement["category"], "first": is_first}
    context["open_causes"] = sum(_is_open(p, kinds) for p in visible if _holds(p))
    _agreement(context, agreement, dispenses, issued, today)
    _prescription(context, issued, kinds, certified, at, today)
    _contraception(context, kinds, today)
    surveys = [p for p in kinds.get("survey", ()) if p["whose"] == "patient"]
    context["survey_days_over"] = (today - _months(_day(surveys[-1]["at"]), 1)).days if surveys else FAR
    if context["category"] == "adult_frp":
        _tests(context, kinds, issued, dispenses, today)
    return context


def _holds(plain: Plain) -> bool:
    kind = plain["fact"]
    if kind == "pregnancy_test":
        return bool(plain["result"] == "positive")
    return bool(kind == "hold" or (kind == "report" and plain["what"] == "pregnancy"))


def _is_open(cause: Plain, kinds: dict[str, list[Plain]]) -> bool:
    newest = {p["actor"]: p["outcome"] for p in kinds.get("hold_review", ()) if p["of"] == cause["id"]}
    return len(newest) < 2 or any(outcome != "lift" for outcome in newest.values())


def _agreement(context: Context, agreement: Plain, dispenses: list[Plain], issued: Plain | None, today: date) -> None:
    born = date.fromisoformat(agreement["birth_date"])
    context["age"] = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    context["signed"] = agreement["patient_signed"] and agreement["prescriber_signed"]
    context["agreed_first"] = issued is not None and agreement["at"] <= issued["at"]
    since, left = None, 0
    for given in dispenses:
        day = _day(given["at"])
        left = max(0, left - (day - since).days) + given["days_supply"] if since else given["days_supply"]
        since = day
    context["supply_left"], context["months_off"] = 0, 0
    if since is not None:
        off = since + timedelta(days=left)
        context["supply_left"] = max(0, (off - today).days)
        if _day(agreement["at"]) < off and today >= off:
            lapses = _months(off, 12)
            context["months_off"] = 12 if today >= lapses else 0


def _prescription(  # noqa: PLR0917 - what it looks at
    context: Context, issued: Plain | None, kinds: dict[str, list[Plain]], certified: Certified, at: datetime,
    today: date,
) -> None:  # fmt: skip
    rx = issued["id"] if issued else ""
    context["product"] = issued["product"] if issued else ""
    context["channel"] = issued["channel"] if issued else ""
    context["category_on_rx"] = issued["category"] if issued else ""
    context["refills"] = issued["refills"] if issued else FAR
    context["treatment_days"] = _treatment(issued) if issued else FAR
    context["prescriber_days"] = certified.days_left("prescriber", issued["prescriber"]) if issued else NEVER
    context["dispensed"] = any(p["prescription"] == rx for p in kinds.get("dispense", ()))
    talks = kinds.get("counselling", ())
    own = [p for p in talks if rx and p.get("prescription") == rx]
    context["topics"] = [t for p in own if p["by"] == "prescriber" for t in p["topics"]]
    context["pharmacy_topics"] = [t for p in own if p["by"] == "pharmacist" for t in p["topics"]]
    before = [p for p in talks if issued and p["by"] == "prescriber" and p["at"] <= issued["at"]]
    context["first_topics"] = [t for p in before for t in p["topics"]]
    context["materials"] = [p["item"] for p in kinds.get("material", ()) if p["prescription"] == rx]
    surveys = kinds.get("survey", ())
    context["prescriber_survey"] = any(p["whose"] == "prescriber" and p.get("prescription") == rx for p in surveys)
    void = {p["authorization"] for p in kinds.get("authorization_void", ())}
    void |= {p["confirmation"] for p in kinds.get("confirmation_void", ())}
    given = [p for p in kinds.get("authorization", ()) if p["prescription"] == rx and p["id"] not in void]
    every = [p for p in kinds.get("confirmation", ()) if p["prescription"] == rx]
    held = [p for p in every if p["id"] not in void]
    context["authorized"] = given[-1]["category"] if given else ""
    context["issued_days"] = _authorized_days(context["category"], given[-1], kinds, today) if given else FAR
    pharmacy, pharmacist = (every[-1]["pharmacy"], every[-1]["actor"]) if every else ("", "")
    context["pharmacy_days"] = certified.days_left("pharmacy", pharmacy)
    context["pharmacist_days"] = certified.days_left("pharmacist", pharmacist)
    fits = held and given and held[-1]["authorization"] == given[-1]["id"] and held[-1]["pharmacy"] == pharmacy
    context["confirmed_seconds"] = _seconds(at, held[-1]["at"]) if fits else FAR


def _treatment(issued: Plain) -> int:
    doses = -(-issued["quantity"] // issued["units_per_day"])
    cycles, rest = divmod(doses, issued["days_on"])
    return int(cycles * issued["cycle_days"] + rest)


def _authorized_days(category: str, given: Plain, kinds: dict[str, list[Plain]], today: date) -> int:
    if category != "adult_frp":
        return (today - _day(given["at"])).days
    known = [p for p in _negatives(kinds) if p["at"] <= given["at"] and p["recorded_at"] <= given["at"]]
    return (today - _day(known[-1]["at"])).days if known else FAR


def _negatives(kinds: dict[str, list[Plain]]) -> list[Plain]:
    tests = kinds.get("pregnancy_test", [])
    specimens = [p["specimen"] for p in tests]
    return [
        p for p in tests
        if p["result"] == "negative" and (p["sensitivity_miu_ml"] or FAR) <= 50
        and p["reporter"] != "patient" and specimens.count(p["specimen"]) == 1
    ]  # fmt: skip


def _contraception(context: Context, kinds: dict[str, list[Plain]], today: date) -> None:
    told = kinds.get("contraception")
    methods = told[-1]["methods"] if told else ()
    starts = {m["method"]: date.fromisoformat(m["since"]) for m in methods}
    strong = sorted(day for method, day in starts.items() if method in _STRONG)
    other = sorted(day for method, day in starts.items() if method in _OTHER)
    rest = sorted(strong[1:] + other)
    context["method_days"] = (today - max(strong[0], rest[0])).days if strong and rest else NEVER
    condom = starts.get("male_condom")
    context["condom_days"] = (today - condom).days if condom else NEVER
    abstinent = told[-1].get("abstinent_since") if told else None
    if abstinent:
        days = (today - date.fromisoformat(abstinent)).days
        context["method_days"] = max(days, context["method_days"])
        context["condom_days"] = max(days, context["condom_days"])


def _tests(
    context: Context, kinds: dict[str, list[Plain]], issued: Plain | None, dispenses: list[Plain], today: date
) -> None:
    negatives = _negatives(kinds)
    days = [_day(p["at"]) for p in negatives]
    context["days_before"], context["seconds_before"] = [], FAR
    if issued is not None:
        resulted = [(p, day) for p, day in zip(negatives, days, strict=True) if p["resulted_at"] <= issued["at"]]
        rx_at, rx_day = datetime.fromisoformat(issued["at"]), _day(issued["at"])
        context["days_before"] = [(rx_day - day).days for _, day in resulted]
        context["seconds_before"] = min([_seconds(rx_at, p["at"]) for p, _ in resulted], default=FAR)
    doubtful = [p["at"] for p in kinds.get("pregnancy_test", ()) if p["result"] != "negative"]
    context["newest_is_negative"] = bool(negatives) and (not doubtful or doubtful[-1] < negatives[-1]["at"])
    reports = [p for p in kinds.get("report", ()) if p["what"] in ("missed_menses", "abnormal_bleeding")]
    context["evaluated"] = not reports or (
        bool(negatives) and negatives[-1]["at"] >= reports[-1]["at"]
        and _talked(kinds, "menses_evaluation", reports[-1]["at"])
    )  # fmt: skip
    context["days_overdue"], context["missed_unanswered"] = 0, False
    if dispenses:
        late, due = _schedule(days, _day(dispenses[0]["at"]), _day(dispenses[-1]["at"]), kinds)
        context["days_overdue"] = (today - due).days
        start = datetime(late.year, late.month, late.day, tzinfo=_ZONE).astimezone(UTC).isoformat() if late else ""
        context["missed_unanswered"] = late is not None and not _talked(kinds, "missed_test", start)


def _talked(kinds: dict[str, list[Plain]], topic: str, since: str) -> bool:
    own = (p for p in kinds.get("counselling", ()) if p["by"] == "prescriber" and topic in p["topics"])
    return any(p["at"] >= since for p in own)


def _schedule(days: list[date], first: date, last: date, kinds: dict[str, list[Plain]]) -> tuple[date | None, date]:
    cycle = kinds.get("cycle")
    later = 28 if cycle and cycle[-1]["regularity"] != "irregular" else 14

    def due(previous: date) -> date:
        weekly = previous + timedelta(days=7)
        return weekly if weekly <= first + timedelta(days=28) else previous + timedelta(days=later)

    before = bisect_right(days, last)
    previous = days[before - 1] if before and last > first else first
    late = None
    for day in days[bisect_left(days, previous + timedelta(days=1)) :]:
        if day > previous:
            late = day if day > due(previous) else late
            previous = day
    return late, due(previous)


FRP, MALE = 'context.category == "adult_frp"', 'context.category == "adult_male"'
RULES: dict[str, tuple[str, str]] = {
    "prescription": (
        "",
        'context.product == "lenalidomide" && ["written","electronic","fax","telephone"].contains(context.channel)',
    ),
    "category-on-prescription": ("", "context.category_on_rx == context.category"),
    "enrolled": ("", "context.signed && context.age >= 18 && context.months_off < 12 && context.agreed_first"),
    "prescriber-certified": ("", "context.prescriber_days >= 0"),
    "pharmacy-certified": ("", "context.pharmacy_days >= 0"),
    "pharmacist-certified": ("", "context.pharmacist_days >= 0"),
    "not-held": ("", "context.open_causes == 0"),
    "first-test": (f"{FRP} && context.first", "context.days_before.containsAny([10,11,12,13,14])"),
    "second-test": (f"{FRP} && context.first", "context.seconds_before <= 86400"),
    "latest-test-negative": (FRP, "context.newest_is_negative"),
    "test-schedule": (f"{FRP} && !context.first", "context.days_overdue <= 0 && !context.missed_unanswered"),
    "menses-evaluated": (FRP, "context.evaluated"),
    "contraception-lead-in": (f"{FRP} && context.first", "context.method_days >= 28"),
    "contraception": (f"{FRP} && !context.first", "context.method_days >= 0"),
    "condom": (MALE, "context.condom_days >= 0"),
    "first-counselling": ("context.first", f"context.first_topics.containsAll({json.dumps(FIRST_TOPICS)})"),
    "contraception-counselling": ("", f"context.topics.containsAll({json.dumps(EACH_TOPICS)})"),
    "pharmacist-counselling": ("", f"context.pharmacy_topics.containsAll({json.dumps(PHARMACY_TOPICS)})"),
    "counselling-checklist": ("", 'context.materials.contains("counselling_checklist")'),
    "medication-guide": ("", 'context.materials.contains("medication_guide")'),
    "prescriber-survey": ("", "context.prescriber_survey"),
    "monthly-survey": (FRP, "context.survey_days_over <= 0"),
    "male-survey": (f"{MALE} && !context.first", "context.survey_days_over <= 0"),
    "days-supply": ("", "context.treatment_days <= 28"),
    "no-refills": ("", "context.refills <= 0"),
    "not-yet-dispensed": ("", "!context.dispensed"),
    "supply-left": ("", "context.supply_left <= 7"),
    "authorization-frp": (FRP, "context.authorized == context.category && context.issued_days <= 7"),
    "authorization-others": (MALE, "context.authorized == context.category && context.issued_days <= 30"),
    "confirmation": ("", "context.confirmed_seconds <= 86400"),
}
"""Each requirement as Cedar says it: when it is asked, and what must hold. Shipping the same day is met in person."""


def cedar_policies() -> str:
    """All rules as Cedar policies: one permit, and a forbid for each requirement that is not met."""
    out = ['permit (principal, action == Action::"dispense", resource);']
    for name, (asked, holds) in RULES.items():
        when = f"when {{ {asked} }} " if asked else ""
        out.append(f'@id("{name}") forbid (principal, action, resource) {when}unless {{ {holds} }};')
    return "\n".join(out)


class Cedar:
    """Cedar over contexts, in batches and with everything parsed beforehand, as its own guide recommends."""

    name = "cedarpy"

    def __init__(self, policies: str | None = None) -> None:
        self._policies = cedarpy.PolicySet.from_str(policies or cedar_policies())
        self._entities = cedarpy.Entities.from_json_str("[]")

    def unmet(self, contexts: Sequence[Context]) -> Iterator[tuple[bool, frozenset[str]]]:
        """For each context whether it is allowed, and the ids of what stands against it."""
        common = {"principal": 'Pharmacist::"any"', "action": 'Action::"dispense"', "resource": 'Product::"any"'}
        requests = [common | {"context": context} for context in contexts]
        for result in cedarpy.is_authorized_batch(requests, self._policies, self._entities):
            if result.diagnostics.errors:
                raise RuntimeError(result.diagnostics.errors[0])
            yield result.allowed, frozenset(result.diagnostics.id_annotations_by_reason.values())


def zen_content() -> dict[str, Any]:
    """All rules as one JDM decision: an expression for each requirement, then one for the whole."""
    expressions = [{"id": name, "key": name, "value": _in_zen(*rule)} for name, rule in RULES.items()]
    nodes: list[dict[str, Any]] = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "rules", "name": "rules", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "rules"},
        {"id": "2", "type": "edge", "sourceId": "rules", "targetId": "out"},
    ]
    place: dict[str, Any] = {"position": {"x": 0, "y": 0}}
    return {"nodes": [dict(node) | place for node in nodes], "edges": edges}


def _in_zen(asked: str, holds: str) -> str:
    text = _translated(holds)
    return f"not({_translated(asked)}) or ({text})" if asked else text


def _translated(text: str) -> str:
    for name, quoted in (("days_before.containsAny([10,11,12,13,14])", "some(days_before, # >= 10 and # <= 14)"),):
        text = text.replace(f"context.{name}", quoted)
    while ".containsAll(" in text:
        owner, _, wanted = text.partition(".containsAll(")
        text = f"all({wanted[:-1]}, # in {owner})"
    if ".contains(" in text:
        before, _, rest = text.partition(".contains(")
        prefix, _, owner = before.rpartition(" && ")
        text = f"{prefix and prefix + ' && '}{rest[:-1]} in {owner}"
    text = text.replace("!context.", "not context.").replace("context.", "")
    return text.replace("&&", "and")


class Zen:
    """zen-engine over contexts, in batches (which it spreads over threads of its own)."""

    name = "zen-engine"

    def __init__(self, content: dict[str, Any] | None = None) -> None:
        loader = {"type": "static", "content": {"dispense": content or zen_content()}}
        options: Any = {"loader": loader}
        self._engine = zen.ZenEngine(options)

    def unmet(self, contexts: Sequence[Context]) -> Iterator[tuple[bool, frozenset[str]]]:
        """For each context whether it is allowed, and the ids of what stands against it."""
        requests = [{"key": "dispense", "context": context} for context in contexts]
        for answer in self._engine.evaluate_batch(requests):  # type: ignore[arg-type]
            if not answer["success"]:
                raise RuntimeError(str(answer["error"]))
            found = frozenset(name for name, is_met in answer["data"]["result"].items() if is_met is not True)
            yield not found, found
