"""The rules themselves, for everybody who is bound by them."""

from compliance.web.policies import views

__all__ = ["views"]
