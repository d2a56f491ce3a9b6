# config → tables, in a folder named by the hash of the experiment. The kind `bounds` takes two
# steps: schedules, then their bounds.


rule compute_schedules:
    output:
        **in_folder("experiments", ["schedules"]),
    log:
        "results/logs/compute_schedules/{name}-{hash}.log",
    wildcard_constraints:
        name=any_of(PLAN.experiments_of("bounds")),
    conda:
        "../../environment.yml"
    params:
        resolved=lambda wildcards: PLAN.config.experiments[
            current("experiments", wildcards)
        ].resolved(),
        made_by=lambda wildcards: made_by(
            "compute_schedules.py",
            "scheduled.experiments.bounds",
            *families(wildcards.name),
            without="scheduled.bounds",
        ),
    message:
        "Generating the schedules of {wildcards.name}"
    script:
        "../scripts/compute_schedules.py"


rule compute_bounds:
    input:
        **in_folder("experiments", ["schedules"]),
    output:
        **{
            table: path
            for table, path in in_folder(
                "experiments", EXPERIMENTS["bounds"].outputs
            ).items()
            if table not in ("config", "schedules")
        },
    log:
        "results/logs/compute_bounds/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        made_by=made_by("compute_bounds.py", "scheduled.experiments.bounds"),
    message:
        "Computing the bounds of {wildcards.name}"
    script:
        "../scripts/compute_bounds.py"


for kind in EXPERIMENTS.keys() - {"bounds"}:

    rule:
        name:
            f"compute_{kind}"
        output:
            **in_folder("experiments", EXPERIMENTS[kind].outputs),
        log:
            f"results/logs/compute_{kind}/{{name}}-{{hash}}.log",
        wildcard_constraints:
            name=any_of(PLAN.experiments_of(kind)),
        conda:
            "../../environment.yml"
        params:
            resolved=lambda wildcards: PLAN.config.experiments[
                current("experiments", wildcards)
            ].resolved(),
            made_by=lambda wildcards: made_by(
                "compute_experiment.py",
                f"scheduled.experiments.{PLAN.config.experiments[wildcards.name].kind}",
                *families(wildcards.name),
            ),
        message:
            "Computing {wildcards.name}"
        script:
            "../scripts/compute_experiment.py"
