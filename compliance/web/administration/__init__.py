"""The programme's administrator: people, sites, keys and certifications."""

from compliance.web.administration import views

__all__ = ["views"]
