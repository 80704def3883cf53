"""Sketches: Python functions of inputs and holes as expressions, and their readings; what there is to be written."""

from bnnsat.sketch.expression import Expression as Expression
from bnnsat.sketch.expression import stack as stack
from bnnsat.sketch.language import Hole as Hole
from bnnsat.sketch.language import Input as Input
from bnnsat.sketch.language import at_least as at_least
from bnnsat.sketch.language import choose as choose
from bnnsat.sketch.language import concatenate as concatenate
from bnnsat.sketch.language import greater as greater
from bnnsat.sketch.language import if_ as if_
from bnnsat.sketch.language import maximum as maximum
from bnnsat.sketch.language import minimum as minimum
from bnnsat.sketch.language import popcount as popcount
from bnnsat.sketch.language import relu as relu
from bnnsat.sketch.language import require as require
from bnnsat.sketch.language import xnor as xnor
