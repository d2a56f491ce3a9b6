"""Our own training runs beside the paper's claims, the theory, and the paper's runs.

Each quantity has one number per seed. It is compared with up to three references, and each
comparison is a claim, judged by the same rule as those of the paper. A tolerance belongs to the
quantity and is the same for each reference: the difference that matters, or the uncertainty of a
fit or of a single run. The digits that the paper prints are no reason for a tolerance. They say how
well its number is known, and decide where the number itself is recomputed, but not how closely two
trainings must agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from scheduled.ledger.claim import Claim, Remark
from scheduled.ledger.numbers import Number, capitalised
from scheduled.ledger.rule import Condition, above, agrees, near

PREFIX = "own_"
CLAIM, THEORY, RUNS = "paper's claim", "theory", "paper's runs"
REFERENCES = (CLAIM, THEORY, RUNS)
A_SIGN = "none where only the sign is judged"
_ID = {CLAIM: "claim", THEORY: "theory", RUNS: "runs"}

Other = Number | float | str


@dataclass(frozen=True)
class Comparison(Claim):
    """A quantity of our own runs compared with one reference.

    Attributes
    ----------
    topic, quantity : str
        What it belongs to, and what is compared.
    reference : str
        One of `REFERENCES`.
    grid_points : mapping
        Grid point → our number, and the one it is compared with; text where that is published.
        The conditions are of these, in their order.
    """

    topic: str = ""
    quantity: str = ""
    reference: str = ""
    grid_points: Mapping[str, tuple[Number, Other]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Published:
    """A published number, or a sign with the size of its effect."""

    text: str
    where: str
    value: float = 0.0
    sign_of: float = 0.0


@dataclass(frozen=True)
class Quantity:
    """A quantity that has one number per seed of our own runs.

    Attributes
    ----------
    id, topic, text : str
    own : mapping of Number
        Grid point → the number; a single one has no name.
    tolerance : float
        How far it may be from the number of any reference.
    reason : str
        Why this tolerance.
    published : mapping of Published
        Grid point → what the paper claims.
    theory, runs : mapping of Number
        Grid point → the number of the bound, and of the paper's runs.
    without : float
        What the quantity would be without the effect that is judged.
    remark : Remark
    """

    id: str
    topic: str
    text: str
    own: Mapping[str, Number]
    tolerance: float
    reason: str
    published: Mapping[str, Published] = field(default_factory=dict)
    theory: Mapping[str, Number | float] = field(default_factory=dict)
    runs: Mapping[str, Number] = field(default_factory=dict)
    without: float = 0.0
    remark: Remark = field(default_factory=Remark)

    def claims(self) -> Iterator[Comparison]:
        """One claim for each reference."""
        for reference, others in ((THEORY, self.theory), (RUNS, self.runs)):
            if others:
                yield self._comparison(
                    reference,
                    "theory" if reference == THEORY else "the paper's runs",
                    "",
                    tuple(self._agrees(self.own[point], other) for point, other in others.items()),
                    {point: (self.own[point], other) for point, other in others.items()},
                    self.reason,
                )
        if self.published:
            yield self._against_published()

    def _agrees(self, number: Number, other: Number | float) -> Condition:
        if isinstance(other, Number):
            return agrees(number, other, self.tolerance, self.without)
        return near(other, self.tolerance, number, without=self.without)

    def _against_published(self) -> Comparison:
        conditions, reasons = [], []
        for point, one in self.published.items():
            conditions.append(self._condition(self.own[point], one))
            reasons.append(A_SIGN if one.sign_of else self.reason)
        texts = "; ".join(
            f"{one.text} ({point})" if point else one.text for point, one in self.published.items()
        )
        return self._comparison(
            CLAIM,
            "the paper's claim",
            texts,
            tuple(conditions),
            {point: (self.own[point], one.text) for point, one in self.published.items()},
            "; ".join(dict.fromkeys(reasons)),
            next(iter(self.published.values())).where,
        )

    def _condition(self, number: Number, published: Published) -> Condition:
        if published.sign_of:
            return above(self.without, number, effect=published.sign_of)
        return near(published.value, self.tolerance, number, without=self.without)

    def _comparison(
        self,
        reference: str,
        other: str,
        published: str,
        conditions: tuple[Condition, ...],
        grid_points: Mapping[str, tuple[Number, Other]],
        reason: str,
        where: str = "",
    ) -> Comparison:
        return Comparison(
            id=f"{PREFIX}{self.id}_{_ID[reference]}",
            statement=f"{capitalised(self.text)}: our own runs agree with {other}.",
            published=published or "—",
            where=where or reference,
            conditions=conditions,
            tolerance=reason,
            remark=self.remark,
            topic=self.topic,
            quantity=self.text,
            reference=reference,
            grid_points=grid_points,
        )


def own_table(name: str, output: str) -> str:
    """The table of an analysis of our own runs."""
    return f"analyses/stdlib_{name}/{output}"


def claims_of(*quantities: Iterable[Quantity]) -> tuple[Comparison, ...]:
    """The claims of several quantities."""
    return tuple(claim for each in quantities for one in each for claim in one.claims())
