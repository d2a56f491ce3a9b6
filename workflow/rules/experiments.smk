# config → schedules → bounds, in a folder named by the hash of the experiment.


rule compute_schedules:
    input:
        # Schedules have their bounds as methods, and do not need them here.
        code=sources("scheduled.experiments.bounds", without="scheduled.bounds"),
    output:
        config="results/experiments/{name}/{hash}/config.json",
        schedules="results/experiments/{name}/{hash}/schedules.csv",
    log:
        "results/logs/compute_schedules/{name}-{hash}.log",
    wildcard_constraints:
        name=experiments_of("bounds"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_experiment,
        versions=library_versions("numpy", "pandas", "pydantic"),
    message:
        "Generating the schedules of {wildcards.name}"
    script:
        "../scripts/compute_schedules.py"


rule compute_bounds:
    input:
        config="results/experiments/{name}/{hash}/config.json",
        schedules="results/experiments/{name}/{hash}/schedules.csv",
        code=sources("scheduled.experiments.bounds"),
    output:
        tuning="results/experiments/{name}/{hash}/tuning.csv",
        sweep="results/experiments/{name}/{hash}/sweep.csv",
        curve="results/experiments/{name}/{hash}/curve.csv",
    log:
        "results/logs/compute_bounds/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Computing the bounds of {wildcards.name}"
    script:
        "../scripts/compute_bounds.py"
