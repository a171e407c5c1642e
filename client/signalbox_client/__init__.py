"""The integrator's side of Signalbox, over HTTP and nothing else."""
