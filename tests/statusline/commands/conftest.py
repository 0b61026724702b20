"""What the tests of the commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.doctor_patient import Patient, well

if TYPE_CHECKING:
    from tests.support.installed_home import Home


@pytest.fixture
def patient(person: Home) -> Patient:
    """Return a home in which all is well."""
    return well(person)
