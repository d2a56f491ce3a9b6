# A group of training runs → what an analysis of it finds; a rule and a module each.


rule fit_loss_over_lr:
    input:
        unpack(analysed_runs),
        code=analysis_sources("loss_over_lr"),
    output:
        config="results/analyses/{name}/{hash}/config.json",
        points="results/analyses/{name}/{hash}/points.csv",
        fits="results/analyses/{name}/{hash}/fits.csv",
    log:
        "results/logs/fit_loss_over_lr/{name}-{hash}.log",
    wildcard_constraints:
        name=analyses_of("loss_over_lr"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_analysis,
        versions=library_versions("numpy", "pandas", "scipy"),
    message:
        "Fitting losses against the base learning rate: {wildcards.name}"
    script:
        "../scripts/analyse_runs.py"


rule fit_grad_norm_power:
    input:
        unpack(analysed_runs),
        code=analysis_sources("grad_norm_power"),
    output:
        config="results/analyses/{name}/{hash}/config.json",
        points="results/analyses/{name}/{hash}/points.csv",
        fits="results/analyses/{name}/{hash}/fits.csv",
    log:
        "results/logs/fit_grad_norm_power/{name}-{hash}.log",
    wildcard_constraints:
        name=analyses_of("grad_norm_power"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_analysis,
        versions=library_versions("numpy", "pandas", "scipy"),
    message:
        "Fitting gradient norms against the base learning rate: {wildcards.name}"
    script:
        "../scripts/analyse_runs.py"


rule fit_grad_norm_curve:
    input:
        unpack(analysed_runs),
        code=analysis_sources("grad_norm_curve"),
    output:
        config="results/analyses/{name}/{hash}/config.json",
        points="results/analyses/{name}/{hash}/points.csv",
        fits="results/analyses/{name}/{hash}/fits.csv",
    log:
        "results/logs/fit_grad_norm_curve/{name}-{hash}.log",
    wildcard_constraints:
        name=analyses_of("grad_norm_curve"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_analysis,
        versions=library_versions("numpy", "pandas", "scipy"),
    message:
        "Fitting gradient norms over time: {wildcards.name}"
    script:
        "../scripts/analyse_runs.py"


rule measure_extension_gain:
    input:
        unpack(analysed_runs),
        code=analysis_sources("extension_gain"),
    output:
        config="results/analyses/{name}/{hash}/config.json",
        slopes="results/analyses/{name}/{hash}/slopes.csv",
        gains="results/analyses/{name}/{hash}/gains.csv",
    log:
        "results/logs/measure_extension_gain/{name}-{hash}.log",
    wildcard_constraints:
        name=analyses_of("extension_gain"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_analysis,
        versions=library_versions("numpy", "pandas", "scipy"),
    message:
        "Measuring the gains of extensions: {wildcards.name}"
    script:
        "../scripts/analyse_runs.py"


rule compare_ranks:
    input:
        unpack(analysed_runs),
        code=analysis_sources("rank_agreement"),
    output:
        config="results/analyses/{name}/{hash}/config.json",
        runs="results/analyses/{name}/{hash}/runs.csv",
        agreement="results/analyses/{name}/{hash}/agreement.csv",
    log:
        "results/logs/compare_ranks/{name}-{hash}.log",
    wildcard_constraints:
        name=analyses_of("rank_agreement"),
    conda:
        "../../environment.yml"
    params:
        resolved=resolved_analysis,
        versions=library_versions("numpy", "pandas", "scipy"),
    message:
        "Comparing the ranks of bounds and losses: {wildcards.name}"
    script:
        "../scripts/analyse_runs.py"
