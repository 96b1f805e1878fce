from flask_sqlalchemy import Model

DefaultMeta = BindMetaMixin = NameMetaMixin = BindMixin = NameMixin = type
