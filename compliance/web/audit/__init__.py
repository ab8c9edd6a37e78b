"""The audit log: reading it, and taking it home."""

from compliance.web.audit import views

__all__ = ["views"]
