"""Patients of the own site: finding, registering, and the page of one."""

from compliance.web.patients import views

__all__ = ["views"]
