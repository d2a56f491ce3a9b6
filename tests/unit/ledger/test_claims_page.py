"""The page on the claims: docs/claims.md."""

import functools

import claim_tables
from scheduled import ledger


def judged(tables):
    paths = {name: f"results/{name}.csv" for name in tables}
    return ledger.judge(ledger.SETS, tables, paths, {}).data()["claims"]


@functools.cache
def of_own_runs():
    """The claims where there are our own runs alone; nobody may change them."""
    return judged(claim_tables.own_runs(seeds=(1, 2, 3)))


def test_the_page_has_a_row_for_every_claim_and_counts_verdicts():
    claims = [each for each in of_own_runs() if each["set"] != "paper"]
    own = [claim for claim in claims if claim["set"] == "own runs"]
    text = ledger.claims_page(claims)
    rows = [line for line in text.splitlines() if line.startswith("| ") and "<br>`" in line]
    ids = [row.partition("<br>`")[2].partition("`")[0] for row in rows]
    assert ids == [claim["id"] for claim in own]
    for claim, row in zip(own, rows, strict=True):
        assert f"| {claim['verdict']} |" in row
    confirmed = sum(claim["verdict"] == "confirmed" for claim in own)
    assert f"## The same claims on our own runs\n\n{confirmed} confirmed" in text


def test_a_set_without_tables_says_where_it_is_judged():
    claims = [claim for claim in judged({}) if claim["set"] == "laws"]
    text = ledger.claims_page(claims)
    assert f"## Laws of loss curves\n\n{len(claims)} claims. " in text
    assert "make laws" in text
    assert "<br>`" not in text


def test_signs_of_tables_and_emphasis_are_escaped():
    own = next(claim for claim in of_own_runs() if claim["set"] == "own runs")
    text = ledger.claims_page([{**own, "statement": "|x| = γ*"}])
    assert "| \\|x\\| = γ\\*<br>" in text
