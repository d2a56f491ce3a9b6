# Experiments whose question is a special one: a rule, a model and a module each.


rule compute_horizon_transfer:
    input:
        config="results/experiments/{name}/{hash}/config.json",
        code=sources("scheduled.experiments.horizon_transfer"),
    output:
        extensions="results/experiments/{name}/{hash}/extensions.csv",
        curves="results/experiments/{name}/{hash}/curves.csv",
        candidates="results/experiments/{name}/{hash}/candidates.csv",
    log:
        "results/logs/compute_horizon_transfer/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        module="scheduled.experiments.horizon_transfer",
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Extending the horizon of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_lr_transfer:
    input:
        config="results/experiments/{name}/{hash}/config.json",
        code=sources("scheduled.experiments.lr_transfer"),
    output:
        log_ratios="results/experiments/{name}/{hash}/log_ratios.csv",
    log:
        "results/logs/compute_lr_transfer/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        module="scheduled.experiments.lr_transfer",
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Moving the base learning rate of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_worst_case:
    input:
        config="results/experiments/{name}/{hash}/config.json",
        code=sources("scheduled.experiments.worst_case"),
    output:
        worst_case="results/experiments/{name}/{hash}/worst_case.csv",
    log:
        "results/logs/compute_worst_case/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        module="scheduled.experiments.worst_case",
        versions=library_versions(
            "clarabel", "cvxpy", "numba", "numpy", "pepit", "scipy"
        ),
    message:
        "Solving the worst cases of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_subgradient:
    input:
        config="results/experiments/{name}/{hash}/config.json",
        code=sources("scheduled.experiments.subgradient"),
    output:
        path="results/experiments/{name}/{hash}/path.csv",
        problem="results/experiments/{name}/{hash}/problem.csv",
    log:
        "results/logs/compute_subgradient/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        module="scheduled.experiments.subgradient",
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Running the subgradient method of {wildcards.name}"
    script:
        "../scripts/compute_special.py"


rule compute_optimal_schedule:
    input:
        config="results/experiments/{name}/{hash}/config.json",
        code=sources("scheduled.experiments.optimal_schedule"),
    output:
        bounds="results/experiments/{name}/{hash}/bounds.csv",
        snapshots="results/experiments/{name}/{hash}/snapshots.csv",
        references="results/experiments/{name}/{hash}/references.csv",
    log:
        "results/logs/compute_optimal_schedule/{name}-{hash}.log",
    conda:
        "../../environment.yml"
    params:
        module="scheduled.experiments.optimal_schedule",
        versions=library_versions("numpy", "pandas", "pydantic", "scipy"),
    message:
        "Minimising the bound of {wildcards.name}"
    script:
        "../scripts/compute_special.py"
