# The report, and the page of published figures.


rule write_report:
    input:
        figures=PLAN.all_figure_files(),
        tables=PLAN.figure_tables(),
        index="results/figures.csv",
        claims=["results/claims.json"] if LEDGER else [],
        failed_fits="results/failed_fits.csv",
        manifest="results/manifest.json",
        templates=[
            os.path.relpath(path)
            for path in sorted((SRC / "scheduled/report/templates").iterdir())
        ],
    output:
        page="results/report.html",
        published="results/published_figures.md",
    log:
        "results/logs/write_report.log",
    conda:
        "../../environment.yml"
    params:
        figures=summary.report_figures(PLAN),
        made_by=made_by(
            "write_report.py",
            *sorted(
                {
                    f"scheduled.figures.{PLAN.config.figures[name].kind}"
                    for name in PLAN.figures
                }
            ),
        ),
        # Not used by the script: a new version reruns it, as the page contains these scripts.
        library=library_versions("bokeh"),
    message:
        "Writing the report"
    script:
        "../scripts/write_report.py"
