"""``python -m scheduled``."""

import sys

from scheduled.cli.main import main

sys.exit(main())
