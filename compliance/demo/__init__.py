"""A pilot programme that has run for a year, so that a visitor finds every kind of case on the pages.

Everything in it was done through the services, on a clock that was walked from a year ago to now.
"""

from compliance.demo.loading import DemonstrationRefused, run

__all__ = ["DemonstrationRefused", "run"]
