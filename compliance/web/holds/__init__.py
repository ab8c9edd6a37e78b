"""Holding a patient, and resolving a hold by two clinicians."""

from compliance.web.holds import views

__all__ = ["views"]
