# The claims ledger: which of the paper's statements the tables bear out, those of our own runs too.


rule claims:
    input:
        "results/claims.csv",
        "results/claim_numbers.csv",
    message:
        "The claims are judged: results/claims.csv"


rule write_claims:
    input:
        tables=sorted(claim_tables().values()),
        code=sources("scheduled.claims"),
    output:
        claims="results/claims.csv",
        numbers="results/claim_numbers.csv",
    log:
        "results/logs/write_claims.log",
    conda:
        "../../environment.yml"
    params:
        paths=claim_tables(),
        without_runs=claims_without_runs(),
    message:
        "Judging the claims"
    script:
        "../scripts/write_claims.py"
