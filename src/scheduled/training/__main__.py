"""``python -m scheduled.training``."""

import sys

from scheduled.training.cli import main

sys.exit(main())
