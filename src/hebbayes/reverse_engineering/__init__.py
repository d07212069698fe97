"""From recorded activity to priors, synapses and free energy.  Plain NumPy in double precision."""
