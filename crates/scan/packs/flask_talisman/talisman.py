from flask_talisman import ALLOW_FROM, DENY, SAMEORIGIN, Talisman
