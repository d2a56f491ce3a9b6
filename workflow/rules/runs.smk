# registry → logs → one tidy table for each group of training runs.


rule fetch_run:
    input:
        registry=ancient("data/registry/{dataset}.csv"),
    output:
        "data/runs/{dataset}/{path}",
    log:
        "results/logs/fetch_run/{dataset}/{path}.log",
    wildcard_constraints:
        # The logs of datasets without a registry are local already.
        dataset=any_of(
            path.stem for path in sorted(Path("data/registry").glob("*.csv"))
        ),
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
        # Logs in a local folder are not inputs: the hash covers their content.
        logs=lambda wildcards: PLAN.groups[current("runs", wildcards)].inputs,
        dataset=lambda wildcards: PLAN.groups[wildcards.name].description_files,
    output:
        **in_folder("runs", ["runs", "metadata"]),
    log:
        "results/logs/collect_runs/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        resolved=lambda wildcards: PLAN.groups[wildcards.name].resolved,
        # The plan has recognised the format of every log; the job does not repeat that.
        recognised=lambda wildcards: PLAN.groups[wildcards.name].recognised,
        made_by=lambda wildcards: made_by(
            "collect_runs.py", *PLAN.groups[wildcards.name].format_modules
        ),
    message:
        "Collecting the training runs of {wildcards.name}"
    script:
        "../scripts/collect_runs.py"
