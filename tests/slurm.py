"""A cluster of one machine: two small runs trained through Slurm, one of them killed and resumed.

    python tests/slurm.py [--keep FOLDER]

Installs Debian's slurm-wlm and munge where they are missing and this user may. The key, the
configuration, spools and logs of munged, slurmctld and slurmd are in a folder of their own, and
/etc/slurm/slurm.conf links to it meanwhile; where that is there already, nothing is done. The
daemons are stopped at the end, whatever happens. The exit code is 1 unless the same two runs,
trained without Slurm, have the same bytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "srun")
EVERYWHERE = Path("/etc/slurm/slurm.conf")
PLAN = """\
name: tiny
title: Two runs for a test of the cluster
sizes: {small: {n_layer: 1, n_head: 1, n_embd: 16}}
seeds: [1, 2]
settings: {context: 16, batch_size: 2, warmup_steps: 10, log_every: 10, val_every: 100,
  val_windows: 8, final_val_windows: 64, save_every: 20}
parts:
  all: {horizons: [400], lrs: [0.001], schedules: [{kind: cos}]}
"""
CONFIGURATION = """\
ClusterName=here
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
# No cgroups: they are not there in most containers.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MinJobAge=600
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the cluster, train, kill, resume, compare, stop; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the daemons' logs there")
    given = parser.parse_args(arguments)
    _install()
    # Also then the daemons are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="slurm") as folder:
        daemons = Daemons(Path(folder) / "cluster")
        try:
            daemons.start()
            return _trains(Path(folder), daemons)
        finally:
            daemons.stop()
            if given.keep is not None:
                given.keep.mkdir(parents=True, exist_ok=True)
                for log in daemons.folder.glob("*.log"):
                    shutil.copy(log, given.keep)


def _trains(folder: Path, daemons: Daemons) -> int:
    alone, cluster = _project(folder / "alone"), _project(folder / "through-slurm")
    _say("through Slurm; one job is killed at its first checkpoint")
    profile = ("--profile", str(REPO / "workflow" / "profiles" / "slurm"))
    # No accounting here, and no hour between two looks.
    options = ("--slurm-status-command", "squeue", "--seconds-between-status-checks", "5")
    run = daemons.ends(_snakemake(cluster, *profile, *options))
    killed, states = "", cluster / "results" / "training" / "tiny"
    while run.poll() is None and not killed:
        time.sleep(0.2)
        if states.is_dir() and (found := sorted(states.glob("*/state.pt"))):
            jobs = daemons.ask("squeue", "--noheader", "--states=RUNNING", "--format=%i %k")
            ours = [line.split()[0] for line in jobs.splitlines() if found[0].parent.name in line]
            if ours:
                killed = ours[0]
                daemons.ask("scancel", "--signal=KILL", "--full", killed)
                _say(f"job {killed} killed: {found[0].parent.name}")
    if run.wait() == 0 or not killed:
        for log in sorted((cluster / ".snakemake" / "slurm_logs").rglob("*.log")):
            print(log.read_text())
        _say("no job was killed: they ended too soon, see above")
        return 1

    _say("once more: the killed run goes on from its checkpoint")
    if not any(states.glob("*/state.pt")):
        _say("the killed run has left no checkpoint")
        return 1
    if code := daemons.ends(_snakemake(cluster, *profile, *options)).wait():
        return code
    _say("without Slurm")
    if code := daemons.ends(_snakemake(alone, "--cores", "2")).wait():
        return code
    print(daemons.ask("scontrol", "--oneliner", "show", "jobs"))
    same = [
        (alone / name).read_bytes() == (cluster / name).read_bytes() for name in _trained(alone)
    ]
    _say(f"{sum(same)} of {len(same)} files are the same as without Slurm")
    return int(not same or not all(same) or _trained(alone) != _trained(cluster))


def _trained(project: Path) -> list[Path]:
    """Logs, results and the dataset, relative to the project."""
    folders = (project / "results" / "training", project / "data" / "runs" / "tiny")
    return sorted(
        path.relative_to(project)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    )


def _project(folder: Path) -> Path:
    (folder / "config" / "training").mkdir(parents=True)
    (folder / "config" / "training" / "tiny.yaml").write_text(PLAN)
    # No figures: the settings ask for three folders of questions.
    for name in ("experiments", "runs", "figures"):
        (folder / "config" / name).mkdir()
    shutil.copy(REPO / "config" / "config.yaml", folder / "config")
    return folder


def _snakemake(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    snakefile = ("--snakefile", str(REPO / "workflow" / "Snakefile"), "--directory", str(folder))
    return subprocess.Popen([sys.executable, "-m", "snakemake", *snakefile, *options, "train"])


def _install() -> None:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if not missing:
        return
    if os.geteuid() or shutil.which("apt-get") is None:
        raise SystemExit(f"not installed: {', '.join(missing)}. On Debian: slurm-wlm and munge")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ("slurm-wlm", "slurm-client", "munge")
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-qq", *command], check=True, env=environ)


class Daemons:
    """munged, slurmctld and slurmd, as children of this process.

    Parameters
    ----------
    folder : Path
        Where all their files go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._linked = False
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start them, and wait until the node is idle."""
        if os.geteuid():
            raise SystemExit("Slurm's daemons change users for their jobs: start this as root")
        if EVERYWHERE.exists() or EVERYWHERE.is_symlink():
            raise SystemExit(f"{EVERYWHERE} is there: this machine belongs to a cluster already")
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        names = {"socket": "munge.socket", "pid-file": "munge.pid", "log-file": "munge.log"}
        files = [f"--{option}={self.folder / name}" for option, name in names.items()]
        seed = f"--seed-file={self.folder / 'munge.seed'}"
        self._begin("munged", "--foreground", "--force", f"--key-file={key}", seed, *files)
        self._until((self.folder / "munge.socket").exists, "munged opens its socket")

        host = socket.gethostname().partition(".")[0]
        configuration = self.folder / "slurm.conf"
        configuration.write_text(
            CONFIGURATION.format(
                host=host, folder=self.folder, ports=_free_ports(2), cpus=os.cpu_count()
            )
        )
        # Not SLURM_CONF: what runs inside a job does not inherit it from here.
        EVERYWHERE.parent.mkdir(exist_ok=True)
        EVERYWHERE.symlink_to(configuration)
        self._linked = True
        self._begin("slurmctld", "-D", "-c")
        self._begin("slurmd", "-D", "-N", host)
        self._until(
            lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"), "an idle node"
        )

    def ask(self, *command: str) -> str:
        """What a client prints; nothing where it fails."""
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def ends(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """Return a process that `stop` ends, too."""
        self._running.append(process)
        return process

    def stop(self) -> None:
        """End what was started, the last one first."""
        if self._linked:
            # Else a job of an interrupted test would outlive the daemons.
            self.ask("scancel", "--user=root")
            for _ in range(200):
                if not self.ask("squeue", "--noheader"):
                    break
                time.sleep(0.2)
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._linked:
            EVERYWHERE.unlink()

    def _begin(self, *command: str) -> None:
        with open(self.folder / f"{command[0]}.out", "wb") as out:
            self._running.append(subprocess.Popen(command, stdout=out, stderr=out))

    def _until(self, holds: object, what: str) -> None:
        for _ in range(300):
            for process in self._running:
                if process.poll() is not None:
                    said = "\n".join(path.read_text() for path in self.folder.glob("*.out"))
                    raise SystemExit(f"{process.args} ended\n{said}")
            if holds():  # type: ignore[operator]
                return
            time.sleep(0.2)
        raise SystemExit(f"waited a minute in vain: {what}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _say(text: str) -> None:
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
