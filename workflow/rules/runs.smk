# registry → logs → one tidy table a group of training runs.


rule fetch_run:
    input:
        registry=ancient("data/registry/{dataset}.csv"),
    output:
        "data/runs/{dataset}/{path}.json",
    log:
        "results/logs/fetch_run/{dataset}/{path}.log",
    wildcard_constraints:
        dataset=published_datasets(),
    conda:
        "../../environment.yml"
    resources:
        downloads=1,
    message:
        "Fetching {wildcards.path}"
    script:
        "../scripts/fetch_run.py"


rule collect_runs:
    input:
        logs=group_files,
        dataset=dataset_files,
        code=sources("scheduled.runs.group"),
    output:
        config="results/runs/{name}/{hash}/config.json",
        runs="results/runs/{name}/{hash}/runs.csv",
        metadata="results/runs/{name}/{hash}/metadata.csv",
    log:
        "results/logs/collect_runs/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_group,
        files=lambda wildcards: PLAN.groups[wildcards.name].files,
        versions=library_versions("numpy", "pandas"),
    message:
        "Collecting the training runs of {wildcards.name}"
    script:
        "../scripts/collect_runs.py"
