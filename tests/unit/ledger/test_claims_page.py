"""The page on the claims: docs/claims.md."""

import claim_tables
from scheduled import ledger


def judged(tables):
    paths = {name: f"results/{name}.csv" for name in tables}
    return ledger.judge(ledger.SETS, tables, paths, {}).data()["claims"]


def test_the_page_has_a_row_for_every_claim_and_counts_verdicts():
    claims = judged(claim_tables.own_runs(seeds=(1, 2, 3)))
    text = ledger.claims_page(claims)
    rows = [line for line in text.splitlines() if line.startswith("| ") and "<br>`" in line]
    ids = [row.partition("<br>`")[2].partition("`")[0] for row in rows]
    assert ids == [claim["id"] for claim in claims]
    for claim, row in zip(claims, rows, strict=True):
        assert f"| {claim['verdict']} |" in row
    undecided = sum(claim["verdict"] == "undecided" for claim in claims if claim["set"] == "laws")
    assert f"## Laws of loss curves\n\n{undecided} undecided." in text


def test_signs_of_tables_and_emphasis_are_escaped():
    claims = judged({})
    text = ledger.claims_page([{**claims[0], "statement": "|x| = γ*"}])
    assert "| \\|x\\| = γ\\*<br>" in text
