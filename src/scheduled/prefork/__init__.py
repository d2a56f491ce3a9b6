"""Jobs that do not import anew: one process has the libraries, and forks for each job.

A job of the pipeline is a script in an interpreter of its own; most of them would spend more time
on importing pandas and matplotlib than on their work. So a run starts one `server`, which imports
what jobs import; a script that begins (`scheduled.jobs.job`) hands itself over (`client`): the
server forks, the child runs the script, and the script that asked ends with the child's exit code.

Nothing depends on it. A script runs where it is if there is no server (yet), if it was given
another number of threads, or if a source file of the package changed since the server imported it.
The server and its children end with the run, however it ends, and a child ends with the script that
asked. ``SCHEDULED_PREFORK=off`` goes without.
"""

from scheduled.prefork.client import hand_over, start

__all__ = ["hand_over", "start"]
