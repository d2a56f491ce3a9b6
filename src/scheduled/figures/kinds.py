"""All kinds of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from scheduled.figures.base import Figure
from scheduled.figures.experiment_figures import (
    BoundOverValue,
    BoundTerms,
    CandidateSweep,
    Convergence,
    Descent,
    Extensions,
    ExtensionValues,
    GammaStarFit,
    LrSweep,
    LrTransfer,
    NoLogTerms,
    Objective,
    Path,
    ScheduleDescent,
    WorstCase,
)
from scheduled.figures.run_figures import (
    BestLr,
    ExtensionGain,
    GradNormCurve,
    GradNormPower,
    GradNormScatter,
    LoggedCurves,
    LossCurves,
    LossOverLr,
    LossOverValue,
    RankAgreement,
    TheoryAndPractice,
)

if TYPE_CHECKING:
    AnyFigure = Figure
else:
    AnyFigure = Annotated[
        LrSweep
        | Convergence
        | GammaStarFit
        | BoundOverValue
        | NoLogTerms
        | BoundTerms
        | WorstCase
        | Extensions
        | CandidateSweep
        | ExtensionValues
        | LrTransfer
        | Objective
        | Path
        | Descent
        | ScheduleDescent
        | LossCurves
        | LoggedCurves
        | GradNormScatter
        | TheoryAndPractice
        | LossOverLr
        | LossOverValue
        | BestLr
        | GradNormPower
        | GradNormCurve
        | ExtensionGain
        | RankAgreement,
        Field(discriminator="kind"),
    ]
    """Any kind of figure, told apart by its ``kind``."""
