# Everything on one page.


rule write_report:
    input:
        figures=figure_files(),
        tables=table_files(),
        index="results/figures.csv",
        claims=ledger_files(["claims.json"]),
        failed_fits="results/failed_fits.csv",
        manifest="results/manifest.json",
        templates=report_templates(),
        code=sources("scheduled.report"),
    output:
        "results/report.html",
    log:
        "results/logs/write_report.log",
    conda:
        "../../environment.yml"
    params:
        figures=PLAN.report(),
        versions=library_versions("jinja2"),
    message:
        "Writing the report"
    script:
        "../scripts/write_report.py"
