"""The spec classes: SpiffWorkflow's, each with `TokenSpec` first in its order. A kind's own class holds only what
differs."""
