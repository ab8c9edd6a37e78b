"""Fills a fresh database with the pilot programme and says where to look; refuses every other database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from compliance import clock as clocks
from compliance.clock import FixedClock
from compliance.demo.case import Case, Story
from compliance.demo.fhir import FhirPatient, Unread, read_folder
from compliance.demo.programme import PASSWORD, PEOPLE, SITES, Programme, open_pilot
from compliance.demo.schedule import run_until
from compliance.demo.stories import PLOTS, pregnant, steady
from compliance.domain.access import Role
from compliance.services import accounts, logs
from compliance.services.app import App, open_app
from compliance.services.errors import Conflict, Unavailable
from compliance.services.setup import initialise
from compliance.settings import Settings

DATA = Path(__file__).resolve().parent / "data"
_YEAR = timedelta(days=364)
_SEED = 20230324
