# The ledger: which of the paper's statements hold by the tables, and how our own runs compare.


rule claims:
    input:
        "results/claims.csv",
        "results/claim_numbers.csv",
        "results/own_runs.md",
        "results/claims.md",
    message:
        "The claims are judged: results/claims.csv"


rule write_claims:
    input:
        tables=sorted(LEDGER.values()),
    output:
        claims="results/claims.csv",
        numbers="results/claim_numbers.csv",
        data="results/claims.json",
        own_runs="results/own_runs.csv",
        page="results/own_runs.md",
        claims_page="results/claims.md",
    log:
        "results/logs/write_claims.log",
    conda:
        "../../environment.yml"
    params:
        paths=LEDGER,
        without_runs=PLAN.tables_without_runs(LEDGER_TABLES),
        made_by=made_by("write_claims.py"),
    message:
        "Judging the claims"
    script:
        "../scripts/write_claims.py"
