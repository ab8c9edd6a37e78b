"""Prescriptions and their authorization."""

from compliance.web.prescriptions import views

__all__ = ["views"]
