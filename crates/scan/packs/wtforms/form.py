from wtforms import BaseForm, Form
