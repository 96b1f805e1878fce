from django.template import loader
