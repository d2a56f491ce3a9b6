# What was made, and what can go.


rule list_figures:
    output:
        report(
            "results/figures.csv",
            caption="../report/index.rst",
            category="Overview",
            labels={"table": "All figures, and those that are missing"},
        ),
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


rule write_manifest:
    input:
        experiments=experiment_files(),
        tables=table_files(),
        figures=figure_files(),
        index="results/figures.csv",
        code=sources("scheduled.manifest"),
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


rule compare_published:
    input:
        tables=published_tables(),
        code=sources("scheduled.published"),
    output:
        report(
            "results/published.csv",
            caption="../report/published.rst",
            category="Overview",
            labels={"table": "Published and computed numbers"},
        ),
    log:
        "results/logs/compare_published.log",
    conda:
        "../../environment.yml"
    message:
        "Comparing published and computed numbers"
    script:
        "../scripts/compare_published.py"


rule make_gallery:
    input:
        figures=png_files(),
        code=sources("scheduled.figures.gallery"),
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
