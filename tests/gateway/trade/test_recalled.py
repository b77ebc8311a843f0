"""Recalled goods and goods that touch safety are not offered (commerce 1.2 L24)."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.policies import load
from gateway.trade.eligibility import eligible
