"""``scheduled project compare``."""

from pathlib import Path


def run(old: Path, new: Path) -> int:
    """Compare two folders of results, number by number."""
    from scheduled.reproduce.compare import compare_results, result_files

    messages = compare_results(result_files(old), result_files(new))
    print("\n".join(messages) or "the same")
    return int(bool(messages))
