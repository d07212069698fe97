"""Gymnasium worlds: making them, encoding what they show, and the tables of finite ones."""
