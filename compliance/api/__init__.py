"""The door for machines: the same jobs as the pages, as JSON, described by /api/v1/openapi.json."""

from compliance.api.door import register

__all__ = ["register"]
