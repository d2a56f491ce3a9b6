"""``scheduled project compare``."""

from pathlib import Path


def run(old: Path, new: Path) -> int:
    """Compare two folders of results, and say what differs and by how much."""
    from scheduled.reproduce.compare import compare_results, result_files

    messages = compare_results(result_files(old), result_files(new))
    print("\n".join(messages) or "the same")
    return int(bool(messages))
