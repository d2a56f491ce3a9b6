"""Where our own training runs agree with the theory and with the paper's runs, and where not."""

from scheduled.agreement.page import page
from scheduled.agreement.quantities import OWN_TABLES, QUANTITIES, TABLES
from scheduled.agreement.quantity import Quantity, Source, agreement

__all__ = ["OWN_TABLES", "QUANTITIES", "TABLES", "Quantity", "Source", "agreement", "page"]
