"""``python -m benchmarks [table ...]`` for the bounds, ``python -m benchmarks pipeline`` for it,
``python -m benchmarks laws`` for the page on laws, ``forecast`` for what forecasts take from other
runs, and ``answers`` for what following the commands costs."""

import os
import sys

from benchmarks import REPO


def main(arguments: list[str]) -> None:
    """Run the benchmarks asked for."""
    sys.path.insert(0, str(REPO / "src"))
    # Imported only now: the bounds are measured on one thread, the pipeline as a user's run is.
    if arguments[:1] == ["pipeline"]:
        from benchmarks import pipeline

        pipeline.main(arguments[1:])
        return
    # Before anything imports numpy: one thread, and the references of the tests to compare with.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    sys.path.insert(0, str(REPO / "tests" / "unit" / "bounds"))
    from benchmarks import bounds

    if arguments[:1] == ["laws"]:
        from benchmarks import laws

        laws.main()
        return
    if arguments[:1] == ["answers"]:
        from benchmarks import answers

        answers.main()
        return
    if arguments[:1] == ["forecast"]:
        from benchmarks import forecast

        forecast.main(arguments[1:])
        return
    bounds.main(arguments)


main(sys.argv[1:])
