# What was made, and what can go.


rule list_figures:
    output:
        "results/figures.csv",
    log:
        "results/logs/list_figures.log",
    conda:
        "../../environment.yml"
    params:
        index=PLAN.index(),
    message:
        "Listing all figures"
    script:
        "../scripts/list_figures.py"


rule write_agreement:
    input:
        tables=sorted(agreement_tables().values()),
        code=sources("scheduled.agreement"),
    output:
        table="results/agreement.csv",
        page="results/own_runs.md",
    log:
        "results/logs/write_agreement.log",
    conda:
        "../../environment.yml"
    params:
        paths=agreement_tables(),
    message:
        "Comparing our own training runs with theory and paper"
    script:
        "../scripts/write_agreement.py"


rule list_failed_fits:
    input:
        tables=judged_files(),
        code=sources("scheduled.pipeline.failed_fits"),
    output:
        "results/failed_fits.csv",
    log:
        "results/logs/list_failed_fits.log",
    conda:
        "../../environment.yml"
    message:
        "Listing fits that failed"
    script:
        "../scripts/list_failed_fits.py"


rule write_manifest:
    input:
        experiments=experiment_files(),
        analyses=analysis_files(),
        tables=table_files(),
        figures=figure_files(),
        index="results/figures.csv",
        failed_fits="results/failed_fits.csv",
        code=sources("scheduled.pipeline.manifest"),
    output:
        "results/manifest.json",
    log:
        "results/logs/write_manifest.log",
    conda:
        "../../environment.yml"
    params:
        plan=PLAN.summary(),
    message:
        "Writing the manifest"
    script:
        "../scripts/write_manifest.py"


rule make_gallery:
    input:
        figures=png_files(),
        code=sources("scheduled.figures.kit.gallery"),
    output:
        "results/gallery.png",
    log:
        "results/logs/make_gallery.log",
    conda:
        "../../environment.yml"
    params:
        names=PLAN.figures,
    message:
        "Putting all figures on one page"
    script:
        "../scripts/make_gallery.py"


rule prune:
    log:
        "results/logs/prune.log",
    conda:
        "../../environment.yml"
    params:
        keep=sorted(PLAN.current_folders()),
        figures=sorted(PLAN.config.figures),
        mode=PLAN.config.settings.prune,
    message:
        "Looking for results that no configuration names"
    script:
        "../scripts/prune.py"
