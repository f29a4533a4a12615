"""What people under a contract cost a year, against the same posts filled by civil servants. Whole pence throughout."""

from __future__ import annotations

from dataclasses import dataclass

WORKING_DAYS = 220
"""Days paid in a year of one full-time contractor, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class YearlyCost:
    """One year of some FTE, in pence; ``saving`` is negative where civil servants cost more."""

    contractor_pence: int
    civil_servant_pence: int

    @property
    def saving_pence(self) -> int:
        """What is saved a year by filling the posts."""
        return self.contractor_pence - self.civil_servant_pence


def yearly_cost(
    fte_hundredths: int, day_rate_pence: int, post_pence: int, days: int = WORKING_DAYS
) -> YearlyCost:
    """FTE × day rate × days against FTE × the full yearly cost of a post; each rounded to the penny, half up."""
    return YearlyCost(
        (fte_hundredths * day_rate_pence * days + 50) // 100, (fte_hundredths * post_pence + 50) // 100
    )
