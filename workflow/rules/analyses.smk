# A group of training runs → what an analysis of it finds.

for kind in ANALYSES:

    rule:
        name:
            f"analyse_{kind}"
        input:
            unpack(lambda wildcards: PLAN.analysed_runs(current("analyses", wildcards))),
        output:
            **in_folder("analyses", ANALYSES[kind].outputs),
        log:
            f"results/logs/analyse_{kind}/{{name}}-{{hash}}.log",
        wildcard_constraints:
            name=any_of(PLAN.analyses_of(kind)),
        conda:
            "../../environment.yml"
        params:
            resolved=lambda wildcards: PLAN.analyses[wildcards.name].resolved,
            made_by=made_by("analyse_runs.py", f"scheduled.analyses.{kind}"),
        message:
            "Analysing {wildcards.name}"
        script:
            "../scripts/analyse_runs.py"
