from jinja2.environment import Environment, select_autoescape
