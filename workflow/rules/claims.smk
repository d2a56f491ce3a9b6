# The claims ledger: which of the paper's statements the tables bear out, those of our own runs too.


rule claims:
    input:
        "results/claims.csv",
        "results/claim_numbers.csv",
    message:
        "The claims are judged: results/claims.csv"


rule write_claims:
    input:
        tables=sorted(PLAN.table_paths(CLAIM_TABLES).values()),
    output:
        claims="results/claims.csv",
        numbers="results/claim_numbers.csv",
    log:
        "results/logs/write_claims.log",
    conda:
        "../../environment.yml"
    params:
        paths=PLAN.table_paths(CLAIM_TABLES),
        without_runs=PLAN.tables_without_runs(CLAIM_TABLES),
        made_by=made_by("write_claims.py"),
    message:
        "Judging the claims"
    script:
        "../scripts/write_claims.py"
