"""News of a pregnancy, taken from anybody who has signed in."""

from compliance.web.reports import views

__all__ = ["views"]
