"""Treatment: corrections of least dose, and retraining of what was learnt under a wrong prior.

Everything is simulated before it is advised.
"""
