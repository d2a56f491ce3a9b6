# Experiments whose question is a special one: a rule, a model and a module each.


rule compute_horizon_transfer:
    input:
        code=sources("scheduled.experiments.horizon_transfer"),
    output:
        config="results/experiments/{name}/{hash}/config.json",
        extensions="results/experiments/{name}/{hash}/extensions.csv",
        curves="results/experiments/{name}/{hash}/curves.csv",
        candidates="results/experiments/{name}/{hash}/candidates.csv",
    log:
        "results/logs/compute_horizon_transfer/{name}-{hash}.log",
    wildcard_constraints:
        name=experiments_of("horizon_transfer"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_experiment,
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Extending the horizon of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_lr_transfer:
    input:
        code=sources("scheduled.experiments.lr_transfer"),
    output:
        config="results/experiments/{name}/{hash}/config.json",
        log_ratios="results/experiments/{name}/{hash}/log_ratios.csv",
    log:
        "results/logs/compute_lr_transfer/{name}-{hash}.log",
    wildcard_constraints:
        name=experiments_of("lr_transfer"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_experiment,
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Moving the base learning rate of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_worst_case:
    input:
        code=sources("scheduled.experiments.worst_case"),
    output:
        config="results/experiments/{name}/{hash}/config.json",
        worst_case="results/experiments/{name}/{hash}/worst_case.csv",
    log:
        "results/logs/compute_worst_case/{name}-{hash}.log",
    wildcard_constraints:
        name=experiments_of("worst_case"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_experiment,
        versions=library_versions(
            "clarabel", "cvxpy", "numba", "numpy", "pepit", "scipy"
        ),
    message:
        "Solving the worst cases of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_subgradient:
    input:
        code=sources("scheduled.experiments.subgradient"),
    output:
        config="results/experiments/{name}/{hash}/config.json",
        path="results/experiments/{name}/{hash}/path.csv",
        problem="results/experiments/{name}/{hash}/problem.csv",
    log:
        "results/logs/compute_subgradient/{name}-{hash}.log",
    wildcard_constraints:
        name=experiments_of("subgradient"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_experiment,
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Running the subgradient method of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_optimal_schedule:
    input:
        code=sources("scheduled.experiments.optimal_schedule"),
    output:
        config="results/experiments/{name}/{hash}/config.json",
        bounds="results/experiments/{name}/{hash}/bounds.csv",
        snapshots="results/experiments/{name}/{hash}/snapshots.csv",
        references="results/experiments/{name}/{hash}/references.csv",
    log:
        "results/logs/compute_optimal_schedule/{name}-{hash}.log",
    wildcard_constraints:
        name=experiments_of("optimal_schedule"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_experiment,
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Minimising the bound of {wildcards.name}"
    script:
        "../scripts/compute_special.py"
