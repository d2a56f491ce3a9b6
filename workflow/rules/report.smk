# Everything on one page.


rule write_report:
    input:
        figures=PLAN.all_figure_files(),
        tables=PLAN.figure_tables(),
        index="results/figures.csv",
        claims=["results/claims.json"] if LEDGER else [],
        failed_fits="results/failed_fits.csv",
        manifest="results/manifest.json",
        templates=[
            os.path.relpath(WORKFLOW / "report" / name)
            for name in ("report.html", "style.css", "filter.js")
        ],
    output:
        "results/report.html",
    log:
        "results/logs/write_report.log",
    conda:
        "../../environment.yml"
    params:
        figures=summary.report_figures(PLAN),
        made_by=made_by("write_report.py"),
    message:
        "Writing the report"
    script:
        "../scripts/write_report.py"
