"""The pharmacy: look up, verdict, confirm, counsel, dispense, undo."""

from compliance.web.pharmacy import views

__all__ = ["views"]
