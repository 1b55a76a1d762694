"""Scripted intruders, each of which writes down what it truly received."""
