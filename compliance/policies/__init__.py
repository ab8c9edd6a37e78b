"""So that the rules are data: dated, cited, proven files, read once and never changed while running.

`catalogue` finds the version in force, `check` proves the files, `show` prints one for clinicians.
"""

from compliance.policies.catalogue import Catalogue, load_catalogue, load_policy

__all__ = ["Catalogue", "load_catalogue", "load_policy"]
