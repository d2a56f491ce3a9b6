# What was made, and what can be removed.

from scheduled.core.identity import library_versions
from scheduled.pipeline.manifest import LIBRARIES


rule write_manifest:
    input:
        files=ALL_RESULTS,
        judged=PLAN.analysis_files(judged=True),
    output:
        index="results/figures.csv",
        failed_fits="results/failed_fits.csv",
        manifest="results/manifest.json",
    log:
        "results/logs/write_manifest.log",
    conda:
        "../../environment.yml"
    params:
        index=summary.index(PLAN),
        plan=summary.summary(PLAN),
        # Not used by the script: another version reruns it, as the manifest records versions.
        versions=library_versions(*LIBRARIES),
        made_by=made_by("write_manifest.py"),
    message:
        "Listing all figures, and writing the manifest"
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
