"""Reader and writer of MATLAB files in the layout of culture recordings."""
