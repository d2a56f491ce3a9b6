# What was made, and what can be removed.

from scheduled.core.identity import library_versions
from scheduled.pipeline.manifest import LIBRARIES


rule list_figures:
    output:
        "results/figures.csv",
    log:
        "results/logs/list_figures.log",
    conda:
        "../../environment.yml"
    params:
        index=summary.index(PLAN),
        made_by=made_by("list_figures.py"),
    message:
        "Listing all figures"
    script:
        "../scripts/list_figures.py"


rule list_failed_fits:
    input:
        tables=PLAN.analysis_files(judged=True),
    output:
        "results/failed_fits.csv",
    log:
        "results/logs/list_failed_fits.log",
    conda:
        "../../environment.yml"
    params:
        made_by=made_by("list_failed_fits.py"),
    message:
        "Listing fits that failed"
    script:
        "../scripts/list_failed_fits.py"


rule write_manifest:
    input:
        files=ALL_RESULTS,
        index="results/figures.csv",
        failed_fits="results/failed_fits.csv",
    output:
        "results/manifest.json",
    log:
        "results/logs/write_manifest.log",
    conda:
        "../../environment.yml"
    params:
        plan=summary.summary(PLAN),
        # Not used by the script: another version reruns it, as the manifest tells the versions.
        versions=library_versions(*LIBRARIES),
        made_by=made_by("write_manifest.py"),
    message:
        "Writing the manifest"
    script:
        "../scripts/write_manifest.py"


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
