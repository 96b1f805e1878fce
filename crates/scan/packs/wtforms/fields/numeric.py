from wtforms import *
