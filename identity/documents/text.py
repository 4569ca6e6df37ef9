"""How names from outside are shown on a terminal and in documents; the rules stand in `identity.core.shown`."""

from identity.core.shown import LONE_SURROGATE as LONE_SURROGATE
from identity.core.shown import shown_name as shown_name
from identity.core.shown import visible as visible
