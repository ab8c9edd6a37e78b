"""Signing in and out."""

from compliance.web.account import views

__all__ = ["views"]
