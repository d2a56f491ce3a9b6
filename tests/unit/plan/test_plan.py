"""What is made, from which configuration and which available runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from scheduled.config.load import SECTION_OF, load_config, load_settings
from scheduled.core.errors import ConfigError
from scheduled.plan.plan import Plan, make_plan
from scheduled.plan.summary import excerpt, index, missing_message, report_figures, summary
from scheduled.plan.targets import missing_required, why_no_target
from scheduled.runs import Registry
from scheduled.runs.registry import build_registry, dump_registry
from synthetic_logs import ORIGIN, checkpoint, make_log, trunk_name

TRUNK = f"{trunk_name()}.json"
LOGS = {
    TRUNK: make_log(wsd_fract_decay=0),
    "branch.json": make_log(200, 400, resume_from=checkpoint(trunk_name(), 200)),
    "sub/cosine.json": make_log(scheduler="cos", cos_final_lr=1e-7),
}
QUESTION = """\
experiments:
  theory:
    description: Which is best?
    schedules: {wsd: {kind: wsd}, my_cosine: {kind: cosine}}
    labels: {wsd: WSD}
    horizons: [10, 20]
    bound: standard
groups:
  practice:
    description: Real ones.
    dataset: toy
    series:
      wsd: {label: WSD!, select: {scheduler: wsd, cooldown: 0.2}}
      cos_runs: {select: {scheduler: cos}}
figures:
  f/sweep: {kind: lr_sweep, experiment: theory, reproduces: p/q, width: 4}
  f/curve: {kind: convergence, experiment: theory, panels: [bound], caption: A caption.}
  f/loss: {kind: loss_curves, group: practice, from_fraction: 0.5}
  f/both: {kind: theory_and_practice, experiment: theory, group: practice}
"""


@dataclass
class World:
    """A project in a temporary folder: its question file, its registry, its logs."""

    root: Path
    registry: Registry
    asked: list[tuple[str, str]]

    def put(self, folder: str, *paths: str) -> Path:
        for path in paths:
            target = self.root / folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(LOGS[path]), encoding="utf-8")
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        return self.root / folder

    def plan(
        self,
        question: str = QUESTION,
        environ: dict[str, str] | None = None,
        reachable: bool | None = None,
        **settings: Any,
    ) -> Plan:
        """The plan; `reachable` None means that nobody may ask."""

        def ask(registry: Registry, path: str) -> tuple[bool, str]:
            assert reachable is not None, "asked although nothing is missing"
            self.asked.append((registry.origin.title, path))
            return reachable, "" if reachable else "no connection"

        (self.root / "q").mkdir(exist_ok=True)
        (self.root / "q" / "a.yaml").write_text(question, encoding="utf-8")
        config = load_config(load_settings({"questions": ["q"], **settings}), self.root)
        return make_plan(config, self.root, environ or {}, ask)

    def write_registry(self, registry: Registry, dataset: str = "toy") -> None:
        path = self.root / "data" / "registry" / f"{dataset}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump_registry(registry), encoding="utf-8")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    world = World(tmp_path_factory.mktemp("registered"), Registry(ORIGIN, ()), [])
    return build_registry(world.put("all", *LOGS), ORIGIN)


@pytest.fixture
def world(tmp_path: Path, registry: Registry) -> World:
    world = World(tmp_path, registry, [])
    world.put("all", *LOGS)
    world.write_registry(registry)
    return world


Change = Callable[[str], str]


def test_switched_off_runs_are_reported_and_prune_still_knows_their_results(world: World):
    made = world.plan(environ={"SCHEDULED_RUNS": str(world.root / "all")})
    plan = world.plan(runs="off", environ={"SCHEDULED_RUNS": "nowhere"})
    assert plan.current_folders() == made.current_folders()
    assert plan.figures == ["f/sweep", "f/curve"]
    assert plan.why_missing("f/loss") == "training runs are off (runs: off)"
    message = missing_message(plan)
    assert message.startswith("2 of 4 figures are missing:\n  f/loss\n  f/both\nwhy:\n")
    assert "what to do" not in message


def test_local_logs_are_used_and_nobody_asks_the_network(world: World):
    local = world.root / "all"
    plan = world.plan(environ={"SCHEDULED_RUNS": str(local)})
    assert plan.figures == ["f/sweep", "f/curve", "f/loss", "f/both"]
    assert missing_message(plan) == ""
    assert plan.unavailable == {}
    assert plan.groups["practice"].missing == plan.groups["practice"].inputs == ()
    # The branch needs its trunk, which no series selects.
    assert set(plan.groups["practice"].resolved["sha256"]) == set(LOGS)
    assert plan.groups["practice"].resolved["runs"] == {
        "cos_runs": ["sub/cosine.json"],
        "wsd": ["branch.json"],
    }


def test_the_setting_comes_before_the_environment(world: World):
    settings = {"runs_folder": str(world.root / "all")}
    plan = world.plan(environ={"SCHEDULED_RUNS": str(world.put("none"))}, **settings)
    assert plan.groups["practice"].missing == ()


def test_several_folders_are_looked_at(world: World):
    first, second = world.put("local", "sub/cosine.json"), world.put("more", TRUNK, "branch.json")
    named = os.pathsep.join(map(str, (first, second)))
    plan = world.plan(environ={"SCHEDULED_RUNS": named})
    assert plan.groups["practice"].missing == plan.groups["practice"].inputs == ()
    with pytest.raises(ConfigError, match="'/nowhere': no such folder"):
        world.plan(environ={"SCHEDULED_RUNS": f"{first}{os.pathsep}/nowhere"})


def test_a_part_is_local_and_a_part_was_downloaded(world: World):
    local = world.put("local", "sub/cosine.json")
    cache = world.put("data/runs/toy", TRUNK, "branch.json")
    plan = world.plan(environ={"SCHEDULED_RUNS": str(local)})
    inputs = sorted(str(cache / path) for path in ("branch.json", TRUNK))
    assert list(plan.groups["practice"].inputs) == inputs
    assert plan.groups["practice"].missing == ()


def test_what_is_missing_will_be_downloaded_where_that_is_possible(world: World):
    world.put("data/runs/toy", TRUNK)
    plan = world.plan(reachable=True)
    assert plan.figures == ["f/sweep", "f/curve", "f/loss", "f/both"]
    assert plan.groups["practice"].missing == ("branch.json", "sub/cosine.json")
    cache = world.root / "data/runs/toy"
    assert list(plan.groups["practice"].inputs) == sorted(str(cache / path) for path in LOGS)
    assert world.asked == [("Synthetic logs", "branch.json")]


def test_where_it_is_not_its_figures_are_left_out_and_said_so(world: World):
    plan = world.plan(reachable=False)
    assert plan.figures == ["f/sweep", "f/curve"]
    assert missing_message(plan).splitlines() == [
        "2 of 4 figures are missing:",
        "  f/loss",
        "  f/both",
        "why:",
        "  training logs of the dataset 'toy' are not on this machine, and cannot be downloaded: "
        "no connection",
        "what to do: run `snakemake` again with a network (nothing else is needed), or set",
        "  SCHEDULED_RUNS=FOLDER to a folder that holds the published logs (data/README.md)",
    ]
    rows = {row["figure"]: row for row in index(plan)}
    assert rows["f/loss"]["status"] == "missing"
    assert rows["f/loss"]["reason"] == plan.unavailable["practice"]
    assert rows["f/loss"]["folders"] == ""
    # Results of an earlier run are still the current ones.
    assert f"results/runs/practice/{plan.groups['practice'].hash}" in plan.current_folders()


def test_required_runs_that_are_unavailable(world: World):
    plan = world.plan(reachable=False, runs="required")
    for asked in [], ["all"], ["results/report.html"], ["results/tables/f/sweep.csv", "claims"]:
        text = missing_required(plan, asked)
        assert text.startswith("runs are required (runs: required), but\n2 of 4 figures are miss")
        assert "training logs of the dataset 'toy'" in text
    for asked in ["results/figures/f/sweep.png"], ["prune"], ["results/training/a/b.json"]:
        assert missing_required(plan, asked) == ""
    without_figures = world.plan(
        QUESTION.partition("figures:")[0], reachable=False, runs="required"
    )
    assert "(runs: required), but\ntraining logs" in missing_required(without_figures, [])
    available = world.plan(environ={"SCHEDULED_RUNS": str(world.root / "all")}, runs="required")
    assert missing_required(available, []) == ""
    assert missing_required(world.plan(reachable=False), []) == ""


RULES = ("all", "claims", "prune")


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("results/figures/f/sweep.png", ""),
        ("results/tables/f/sweep.csv", ""),
        ("results/report.html", ""),
        ("claims", ""),
        ("f/sweep", "a figure is asked for by its file: results/figures/f/sweep.png"),
        ("claim", "no such target (did you mean 'claims'?)"),
        ("xyz", "no such target; there are: all, claims, prune"),
        ("results/figures/f/swep.png", "no figure 'f/swep' (did you mean 'f/sweep'?)"),
        ("results/figures/2.png", "no figure '2'; there are: f/sweep, f/curve, f/loss, f/both"),
        ("results/figures/p/q.png", "an id of the paper; ours is results/figures/f/sweep.png"),
        ("results/tables/p/q.csv", "an id of the paper; ours is results/tables/f/sweep.csv"),
        ("results/figures/f/sweep.jpg", "not one of its files: results/figures/f/sweep.pdf, "),
        ("results/tables/f/sweep.png", "not one of its files: results/tables/f/sweep.csv"),
        ("results/figures/f/loss.png", "training logs of the dataset 'toy' are not on this mach"),
        ("results/runs/practice/0/runs.csv", "training logs of the dataset 'toy' are not on th"),
        ("results/experiments/theoryy/0/x.csv", "no experiment 'theoryy' (did you mean 'theory'?)"),
        ("results/experiments/theory/0123/x.csv", "theory is made in results/experiments/theory/"),
    ],
)
def test_a_target_that_is_none(world: World, target: str, why: str):
    found = why_no_target(world.plan(reachable=False), target, RULES)
    assert found == "" if not why else found.startswith(f"{target}: {why}")


def test_each_dataset_is_asked_for_once(world: World):
    world.write_registry(replace(world.registry, origin=replace(ORIGIN, title="B")), "other")
    group = "  {}: {{dataset: {}, series: {{a: {{select: {{scheduler: cos}}}}}}}}\n"
    groups = "".join(group.format(f"g{i}", "toy" if i % 2 else "other") for i in range(6))
    plan = world.plan(f"groups:\n{groups}", reachable=False)
    assert world.asked == [("B", "sub/cosine.json"), ("Synthetic logs", "sub/cosine.json")]
    assert len(plan.unavailable) == 6


def test_a_group_that_has_its_files_is_not_held_up_by_one_that_has_not(world: World):
    world.put("data/runs/toy", "sub/cosine.json")
    groups = """\
groups:
  here: {dataset: toy, series: {a: {select: {scheduler: cos}}}}
  gone: {dataset: toy, series: {a: {select: {cooldown: 0.2}}}}
figures:
  here: {kind: loss_curves, group: here}
  gone: {kind: loss_curves, group: gone}
"""
    plan = world.plan(groups, reachable=False)
    assert plan.figures == ["here"]
    assert list(plan.unavailable) == ["gone"]


@pytest.mark.parametrize(
    ("settings", "environ", "message"),
    [
        (
            {"runs_folder": "/nowhere"},
            {},
            "config/config.yaml: runs_folder='/nowhere': no such folder",
        ),
        ({}, {"SCHEDULED_RUNS": "/nowhere"}, "environment variable SCHEDULED_RUNS='/nowhere': no"),
    ],
)
def test_a_folder_of_runs_that_does_not_exist(world: World, settings, environ, message):
    with pytest.raises(ConfigError) as caught:
        world.plan(environ=environ, **settings)
    assert str(caught.value).startswith(message)


def test_an_empty_variable_is_none(world: World):
    assert len(world.plan(environ={"SCHEDULED_RUNS": ""}, reachable=False).unavailable) == 1


def test_a_group_that_selects_nothing(world: World):
    with pytest.raises(ConfigError) as caught:
        world.plan(QUESTION.replace("scheduler: cos}", "scheduler: cos, lr: 3}"))
    text = str(caught.value)
    assert ".yaml:" in text
    assert ": groups.practice.series.cos_runs.select: {scheduler='cos', lr=3}: no run" in text
    assert "lr: 0.001" in text


def test_a_field_that_runs_do_not_have(world: World):
    with pytest.raises(ConfigError, match=r"series\.cos_runs\.select: base_lr: not a field of a"):
        world.plan(QUESTION.replace("scheduler: cos}", "base_lr: 1}"))


def test_a_branch_without_its_trunk(world: World):
    entries = tuple(entry for entry in world.registry if entry.path != TRUNK)
    world.write_registry(replace(world.registry, entries=entries))
    with pytest.raises(
        ConfigError, match=r"groups\.practice\.series\.wsd\.select: .*not in the re"
    ):
        world.plan()


def test_a_dataset_without_a_registry(world: World):
    with pytest.raises(
        ConfigError, match=r"groups\.practice\.dataset='other': .*neither .*other.csv nor .*other"
    ):
        world.plan(QUESTION.replace("dataset: toy", "dataset: other"))


def test_a_registry_that_is_damaged(world: World):
    path = world.root / "data" / "registry" / "toy.csv"
    path.write_text(path.read_text(encoding="utf-8") + "a,b\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"groups\.practice\.dataset='toy': .*toy\.csv, line 10:"):
        world.plan()


# Hashes and folders.


def test_a_groups_hash_is_that_of_what_is_computed_with(world: World):
    def hash_of(change: Change = str) -> str:
        return world.plan(change(QUESTION), reachable=True).groups["practice"].hash

    first = hash_of()
    assert hash_of(lambda text: text.replace("WSD!", "WSD?").replace("Real ones", "Some")) == first
    assert hash_of(lambda text: text.replace("from_fraction: 0.5", "from_fraction: 0.6")) == first
    assert hash_of(lambda text: text.replace("cos_runs", "cosine_runs")) != first
    assert hash_of(lambda text: text.replace(", cooldown: 0.2", ", cooldown: 0")) != first

    # Another checksum of any file needed, the trunk's too, is another group.
    for changed in LOGS:
        entries = tuple(
            replace(entry, sha256="0" * 64) if entry.path == changed else entry
            for entry in world.registry
        )
        world.write_registry(replace(world.registry, entries=entries))
        assert hash_of() != first, changed

    # A run that is not needed is not.
    entries = (*world.registry, replace(world.registry.entries[0], run="new", path="new.json"))
    entries = (*entries[:-1], replace(entries[-1], metadata=replace(entries[-1].metadata, lr=1.0)))
    world.write_registry(replace(world.registry, entries=entries))
    with_lr = "scheduler: wsd, cooldown: 0.2, lr: 0.001"
    plain = world.plan(
        QUESTION.replace("scheduler: wsd, cooldown: 0.2", with_lr), reachable=True
    ).groups["practice"]
    world.write_registry(world.registry)
    again = world.plan(QUESTION.replace("scheduler: wsd, cooldown: 0.2", with_lr), reachable=True)
    assert plain.hash == again.groups["practice"].hash


def test_where_the_logs_lie_is_no_part_of_the_hash(world: World):
    local = world.plan(environ={"SCHEDULED_RUNS": str(world.root / "all")})
    assert local.groups["practice"].hash == world.plan(reachable=True).groups["practice"].hash
    assert str(world.root) not in json.dumps(local.groups["practice"].resolved)


def test_folders_inputs_and_outputs(world: World):
    plan = world.plan(reachable=True)
    theory = f"results/experiments/theory/{plan.config.experiments['theory'].hash}"
    practice = f"results/runs/practice/{plan.groups['practice'].hash}"
    assert plan.current_folders() == {theory, practice}
    assert plan.folders("f/both") == {"experiment": theory, "group": practice}
    assert plan.figure_inputs("f/sweep") == {
        "sweep": f"{theory}/sweep.csv",
        "tuning": f"{theory}/tuning.csv",
    }
    assert plan.figure_inputs("f/both") == {
        "curve": f"{theory}/curve.csv",
        "runs": f"{practice}/runs.csv",
        "metadata": f"{practice}/metadata.csv",
    }
    assert plan.experiment_files() == [
        f"{theory}/{output}.csv" for output in ("schedules", "tuning", "sweep", "curve")
    ]


def test_an_old_folder_cannot_be_made_again(world: World):
    plan = world.plan(reachable=True)
    hashes = {"experiments": plan.experiments["theory"], "runs": plan.groups["practice"].hash}
    plan.check_current("experiments", "theory", hashes["experiments"])
    plan.check_current("runs", "practice", hashes["runs"])
    for section, name in (("experiments", "theory"), ("runs", "practice")):
        with pytest.raises(ConfigError) as caught:
            plan.check_current(section, name, "0123456789ab")
        assert str(caught.value) == (
            f"results/{section}/{name}/0123456789ab: the configuration now says "
            f"{hashes[section]}; an old result cannot be made again"
        )
    with pytest.raises(ConfigError, match="says nothing of that name; an old"):
        plan.check_current("experiments", "gone", "0123456789ab")
    with pytest.raises(ConfigError, match="says nothing of that name; an old"):
        plan.check_current("runs", "theory", hashes["experiments"])


def test_the_index_has_a_row_a_figure(world: World):
    plan = world.plan(reachable=True)
    rows = index(plan)
    assert [row["figure"] for row in rows] == ["f/sweep", "f/curve", "f/loss", "f/both"]
    theory, practice = plan.folders("f/both").values()
    assert rows[0] == {
        "figure": "f/sweep",
        "kind": "lr_sweep",
        "sources": "experiment theory",
        "folders": theory,
        "reproduces": "p/q",
        "status": "made",
        "reason": "",
    }
    assert rows[3]["sources"] == "experiment theory; group practice"
    assert rows[3]["folders"] == f"{theory}; {practice}"


def test_what_a_drawing_is_told(world: World):
    plan = world.plan(reachable=True)
    curve = plan.drawing("f/curve")
    assert curve["settings"]["kind"] == "convergence"
    assert curve["settings"]["panels"] == ["bound"]
    assert curve["tables"] == plan.figure_inputs("f/curve")
    assert curve["table"] == "results/tables/f/curve.csv"
    assert curve["files"] == [f"results/figures/f/curve.{end}" for end in ("pdf", "svg", "png")]
    sweep = plan.drawing("f/sweep")
    assert sweep["settings"]["width"] == 4.0
    assert not {"caption", "reproduces"} & set(sweep["settings"])
    assert sweep["look"]["labels"] == {"wsd": "WSD", "my_cosine": "my cosine"}
    assert sweep["look"]["bound_label"].startswith("standard bound")
    loss = plan.drawing("f/loss")
    assert loss["settings"]["from_fraction"] == 0.5
    assert loss["look"]["labels"] == {"wsd": "WSD!", "cos_runs": "cos runs"}
    assert loss["look"]["vary"] == ["iterations"]
    assert loss["look"]["seeds"] == [1, 1]
    assert {drawing["style"] for drawing in (curve, sweep, loss)} == {"paper"}
    assert "bound_label" not in loss["look"]
    both = plan.drawing("f/both")["look"]
    assert both["labels"] == {"wsd": "WSD", "cos_runs": "cos runs", "my_cosine": "my cosine"}


def test_a_question_is_a_file_and_the_figures_of_it_that_can_be_made(world: World):
    assert world.plan(reachable=True).questions() == {
        "q/a": ["f/sweep", "f/curve", "f/loss", "f/both"]
    }
    assert world.plan(reachable=False).questions() == {"q/a": ["f/sweep", "f/curve"]}
    (world.root / "q" / "none.yaml").write_text("experiments: {}\n", encoding="utf-8")
    assert list(world.plan(reachable=True).questions()) == ["q/a"]


def test_what_the_report_is_told(world: World):
    told = {figure["figure"]: figure for figure in report_figures(world.plan(reachable=True))}
    assert told["f/curve"]["caption"] == "A caption."
    assert told["f/sweep"]["caption"].startswith("The bound Ω_T against")
    assert told["f/sweep"]["reproduces"] == "p/q"
    assert not told["f/sweep"]["animated"]
    sources = told["f/both"]["sources"]
    assert [(source["source"], source["name"]) for source in sources] == [
        ("experiment", "theory"),
        ("group", "practice"),
    ]
    assert [source["description"] for source in sources] == ["Which is best?", "Real ones."]
    assert all(source["config"].endswith("/config.json") for source in sources)
    assert "f/both" not in [
        figure["figure"] for figure in report_figures(world.plan(reachable=False))
    ]


def test_the_excerpt_of_a_figure_is_a_question_file_that_makes_it(world: World, tmp_path: Path):
    plan = world.plan(reachable=True)
    for name in plan.figures:
        folder = tmp_path / name / "alone"
        folder.mkdir(parents=True)
        text = yaml.safe_dump(excerpt(plan, name), sort_keys=False, allow_unicode=True)
        (folder / "question.yaml").write_text(text, encoding="utf-8")
        alone = load_config(load_settings({"questions": ["alone"]}), folder.parent)
        figure = alone.figures[name]
        assert list(alone.figures) == [name]
        assert figure == plan.config.figures[name]
        for source, of in figure.sources.items():
            section = SECTION_OF[source]
            assert getattr(alone, section)[of] == getattr(plan.config, section)[of]


# Groups whose runs cannot be told apart, and analyses.


def test_a_selection_that_is_ambiguous_lists_what_differs(world: World):
    with pytest.raises(ConfigError, match=r"groups\.practice\.series\.wsd\.select: ") as caught:
        world.plan(QUESTION.replace(", cooldown: 0.2", ""), reachable=True)
    assert "cooldown (0.0, 0.2)" in str(caught.value)
    told = QUESTION.replace(", cooldown: 0.2", "").replace(
        "dataset: toy", "dataset: toy\n    vary: [cooldown, decay_type]"
    )
    assert "practice" in world.plan(told.split("figures:")[0], reachable=True).groups


def test_a_run_is_in_one_series(world: World):
    with pytest.raises(ConfigError, match=r"series\.more\.select: .* is in wsd already"):
        world.plan(
            QUESTION.replace("cos_runs:", "more: {select: {cooldown: 0.2}}\n      cos_runs:"),
            reachable=True,
        )


ANALYSED = QUESTION.replace(
    "figures:",
    """\
analyses:
  ranks: {kind: rank_agreement, group: practice, description: Who is first?}
figures:
  f/ranks: {kind: rank_agreement, analysis: ranks}""",
)


def test_an_analysis_is_known_by_its_settings_and_its_runs(world: World):
    def planned(change: Change = str) -> Plan:
        return world.plan(change(ANALYSED), reachable=True)

    plan = planned()
    first = plan.analyses["ranks"].hash
    assert (
        planned(lambda text: text.replace("Who is", "What comes")).analyses["ranks"].hash == first
    )
    for change in (("practice, desc", "practice, lr_scale: 5, desc"), ("cos_runs", "cosine")):
        assert planned(lambda text, c=change: text.replace(*c)).analyses["ranks"].hash != first
    folder = f"results/analyses/ranks/{first}"
    assert plan.figure_inputs("f/ranks") == {
        "runs": f"{folder}/runs.csv",
        "agreement": f"{folder}/agreement.csv",
    }
    practice = f"results/runs/practice/{plan.groups['practice'].hash}"
    assert plan.analysed_runs("ranks") == {
        "runs": f"{practice}/runs.csv",
        "metadata": f"{practice}/metadata.csv",
    }
    assert {folder, practice} <= plan.current_folders()
    assert plan.analysis_files() == [f"{folder}/runs.csv", f"{folder}/agreement.csv"]
    assert plan.analysis_files(judged=True) == [f"{folder}/agreement.csv"]
    reported = next(figure for figure in report_figures(plan) if figure["figure"] == "f/ranks")
    assert [source["name"] for source in reported["sources"]] == ["ranks", "practice"]
    assert reported["sources"][0]["config"] == f"{folder}/config.json"
    look = plan.drawing("f/ranks")["look"]
    assert (look["loss"], look["labels"]["wsd"]) == ("final_val_loss", "WSD!")
    assert look["vary"] == ["iterations"]
    plan.check_current("analyses", "ranks", first)
    with pytest.raises(ConfigError, match="results/analyses/ranks/old"):
        plan.check_current("analyses", "ranks", "old")


def test_an_analysis_whose_runs_are_away_is_left_out_with_its_figures(world: World):
    plan = world.plan(ANALYSED, reachable=False)
    assert "f/ranks" not in plan.figures
    assert plan.analysis_files() == []
    assert "no connection" in str(plan.why_missing("f/ranks"))
    assert plan.current_folders() >= {f"results/analyses/ranks/{plan.analyses['ranks'].hash}"}


def test_the_summary_for_the_manifest_is_json(world: World):
    plan = world.plan(reachable=False)
    told = json.loads(json.dumps(summary(plan)))
    assert told["experiments"] == {"theory": plan.experiments["theory"]}
    assert told["groups"] == {"practice": plan.groups["practice"].hash}
    assert list(told["figures"]) == ["f/sweep", "f/curve"]
    assert told["missing"] == ["f/loss", "f/both"]


SPECIAL = """\
experiments:
  best: {kind: optimal_schedule, horizon: 20}
  worst: {kind: worst_case, schedules: {a: {kind: wsd}}, labels: {a: A}}
  longer: {kind: horizon_transfer, schedule: {kind: wsd, cooldown_len: 0.2}, adapt: factor}
  varied:
    schedules: {a: {kind: wsd}}
    horizons: [10]
    vary: {parameter: cooldown_len, values: [0.1, 0.2], label: c}
figures:
  best/moving: {kind: schedule_descent, experiment: best}
  best/still: {kind: descent, experiment: best}
  worst: {kind: worst_case, experiment: worst, schedule: a}
  longer: {kind: candidate_sweep, experiment: longer}
  over: {kind: bound_over_value, experiment: varied, base_lrs: [0.1]}
"""


def test_an_animated_figure_has_one_more_file(world: World):
    plan = world.plan(SPECIAL)
    files = plan.all_figure_files()
    assert len(files) == len(set(files)) == 5 * 3 + 1
    for name in plan.figures:
        for suffix in ("pdf", "svg", "png"):
            assert f"results/figures/{name}.{suffix}" in files
    assert [path for path in files if path.endswith(".gif")] == ["results/figures/best/moving.gif"]
    assert world.plan(reachable=True).all_figure_files() == [
        f"results/figures/f/{name}.{suffix}"
        for name in ("sweep", "curve", "loss", "both")
        for suffix in ("pdf", "svg", "png")
    ]


def test_every_kind_of_experiment_has_its_own_files_and_says_what_to_draw(world: World):
    plan = world.plan(SPECIAL)
    found: dict[str, set[str]] = {}
    for path in plan.experiment_files():
        name, hash, file = path.removeprefix("results/experiments/").split("/")
        assert hash == plan.experiments[name]
        found.setdefault(name, set()).add(file.removesuffix(".csv"))
    assert found == {
        "best": {"bounds", "snapshots", "references"},
        "worst": {"worst_case", "tuning"},
        "longer": {"extensions", "curves", "candidates"},
        "varied": {"schedules", "tuning", "sweep", "curve"},
    }
    for figure in plan.figures:
        # Every table that a figure is made of is one that its experiment computes.
        assert set(plan.figure_inputs(figure).values()) <= set(plan.experiment_files())
    worst = plan.drawing("worst")
    assert (worst["settings"]["schedule"], worst["look"]["labels"]) == ("a", {"a": "A"})
    over = plan.drawing("over")
    assert over["settings"]["base_lrs"] == [0.1]
    assert over["look"]["vary_label"] == "c"
    look = plan.drawing("longer")["look"]
    assert (look["horizon"], look["adapt_label"], look["labels"]) == (4000, "factor ρ", {})


SWEPT = """\
experiments:
  moved: {kind: lr_transfer, decay_type: DECAY}
groups:
  swept: {dataset: toy, vary: [cooldown, lr], series: {wsd: {select: SELECT}}}
analyses:
  fits: {kind: loss_over_lr, group: swept}
figures:
  f/best: {kind: best_lr, experiment: moved, analysis: fits}
"""


@pytest.mark.parametrize(
    ("theory", "select", "found"),
    [
        ("linear", "{cooldown: 0.2, decay_type: linear}", None),
        ("sqrt", "{cooldown: 0.3}", None),
        ("1-sqrt", "{cooldown: 0.2}", "'linear'"),
        ("linear", "{cooldown: [0.2, 0.3]}", "'1-sqrt' and 'linear'"),
    ],
)
def test_theory_of_one_cooldown_is_not_drawn_beside_runs_of_another(
    world: World, theory: str, select: str, found: str | None
):
    logs = {
        "sqrt.json": make_log(decay_type="sqrt", wsd_fract_decay=0.3),
        "linear.json": make_log(),
    }
    for name, log in logs.items():
        (world.root / "all" / name).write_text(json.dumps(log), encoding="utf-8")
    (world.root / "all" / "branch.json").unlink()
    world.write_registry(build_registry(world.root / "all", ORIGIN))
    question = SWEPT.replace("DECAY", theory).replace("SELECT", select)
    environ = {"SCHEDULED_RUNS": str(world.root / "all")}
    if found is None:
        assert world.plan(question, environ).figures == ["f/best"]
        return
    with pytest.raises(ConfigError) as error:
        world.plan(question, environ)
    assert str(error.value) == (
        f"{world.root}/q/a.yaml:8: figures.f/best.experiment='moved': its decay_type is "
        f"'{theory}', and the runs of 'fits' have {found}"
    )


def test_the_projects_own_configuration_can_be_planned(repo: Path):
    config = load_config(load_settings({}), repo)
    plan = make_plan(config, repo, {}, lambda registry, path: (False, "not now"))
    assert set(plan.unavailable) <= set(config.groups)
    for figure in plan.figures:
        json.dumps(plan.drawing(figure))
    assert [name for names in plan.questions().values() for name in names] == plan.figures
    json.dumps(report_figures(plan))
    animations = [path for path in plan.all_figure_files() if path.endswith(".gif")]
    assert animations == ["results/figures/optimize_schedule/animated_schedule.gif"]
