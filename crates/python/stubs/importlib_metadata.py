from importlib.metadata import *
