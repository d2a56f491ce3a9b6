# Our own training runs: `snakemake --cores 2 train` trains what is missing, which takes hours, and
# writes the datasets data/runs/<plan>. Nothing else asks for these files.
#
# The trainer's source is no input: an edit of it does not throw away hours of training. To train
# anew, delete results/training.


from scheduled.training.jobs import TrainingJobs

TRAINING = TrainingJobs(Path("config/training"))


def from_plan(ask):
    """What the training plans say; they are read for the target `train` only."""

    def answer(wildcards):
        try:
            return ask(wildcards)
        except ConfigError as error:
            raise SystemExit(f"The configuration is wrong:\n{error}") from None

    return answer


rule train_run:
    input:
        trunk=from_plan(lambda wildcards: TRAINING.trunk(wildcards.plan, wildcards.run)),
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
        spec=from_plan(lambda wildcards: TRAINING.spec(wildcards.plan, wildcards.run)),
        folder="results/training/{plan}",
    message:
        "Training {wildcards.run}"
    script:
        "../scripts/train_run.py"


rule train:
    input:
        results=from_plan(lambda wildcards: TRAINING.results()),
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
