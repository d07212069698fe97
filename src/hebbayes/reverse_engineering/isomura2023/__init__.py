"""The published pipeline of Isomura, Kotani, Jimbo and Friston (2023), and its nulls."""
