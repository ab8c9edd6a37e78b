"""So that a policy can be lived through before it binds anybody: one patient's compliant year, asked of the gate.

`walking` asks the gate and supplies what it misses, `mending` says with which facts, `calendar` keeps what came of
it; `table`, `svg` and `ical` show it. None of them knows a rule of a programme.
"""

from compliance.policies.simulation.calendar import Calendar
from compliance.policies.simulation.mending import MENDS, Mend
from compliance.policies.simulation.walking import simulate

__all__ = ["MENDS", "Calendar", "Mend", "simulate"]
