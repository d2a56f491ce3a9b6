# Our own training runs: `snakemake --cores 2 train` trains what is missing, which takes hours, and
# writes the datasets data/runs/<plan>. Nothing else asks for these files.
#
# The trainer's source is not an input: editing it does not throw away hours of training. To train
# again, delete results/training.


rule train_run:
    input:
        trunk=explained(lambda wildcards: TRAINING.trunk(wildcards.plan, wildcards.run)),
    output:
        log="results/training/{plan}/{run}.csv",
        result="results/training/{plan}/{run}.json",
    log:
        "results/logs/train_run/{plan}/{run}.log",
    wildcard_constraints:
        plan="[^/]+",
        run="[^/]+",
    conda:
        "../../environment.yml"
    params:
        spec=explained(lambda wildcards: TRAINING.spec(wildcards.plan, wildcards.run)),
        folder="results/training/{plan}",
    message:
        "Training {wildcards.run}"
    script:
        "../scripts/train_run.py"


rule train:
    input:
        results=explained(lambda wildcards: TRAINING.results()),
    log:
        "results/logs/train.log",
    conda:
        "../../environment.yml"
    params:
        plans=TRAINING.plans,
    message:
        "Writing the datasets of our own training runs"
    script:
        "../scripts/train.py"
