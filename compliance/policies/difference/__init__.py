"""What a new version newly allows and newly denies, for clinicians to sign: asked of the real gate, with examples.

Two policies are compared through their decisions only, as if both were active and in force at every moment: their
ids, their dates and the order of their requirements do not matter. `boundaries` takes every number of either policy
and its neighbours, `stories` and `edits` vary what the policies' own examples tell, `asking` puts it to the gate,
`comparing` walks and `grouping` counts, `structure` lists what the files say differently, `telling` writes an example
as a case file.

Requirements are a flat conjunction, so most of the space factors. A requirement that answers alike under both
policies cannot make a difference; wherever a difference shows, it is met. Only the axes that touch a requirement
that answers otherwise are multiplied with each other, and only where they touch the same one: what touches different
requirements makes each difference on its own already. A random sample over all axes checks that this is so.
"""

from compliance.policies.difference.comparing import Difference, compare
from compliance.policies.difference.grouping import Direction, Found, Group
from compliance.policies.difference.structure import Change, changes

__all__ = ["Change", "Difference", "Direction", "Found", "Group", "changes", "compare"]
