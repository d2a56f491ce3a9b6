"""``python -m scheduled``."""

import sys

from scheduled.cli import main

sys.exit(main())
