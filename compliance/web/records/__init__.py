"""Recording facts about a patient: one form for each kind, and corrections."""

from compliance.web.records import views

__all__ = ["views"]
