"""So that anybody can tell a patient's story and the right answer in a file, and have the gate tested by it.

The same form serves case files and the examples inside policy files. `likeness` puts together what is
written as changes to another story, `times` reads dates said relative to the moment asked about, `reading`
makes facts of it, `running` asks the gate and compares, `schema` says all of this to machines and to people.
"""

from compliance.cases.files import load_case
from compliance.cases.reading import Case, Expected, read_case
from compliance.cases.running import Mismatch, Ran, run_case

__all__ = ["Case", "Expected", "Mismatch", "Ran", "load_case", "read_case", "run_case"]
