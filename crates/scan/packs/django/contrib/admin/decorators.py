def action(function=None, **options):
    if function is None:
        return lambda inner: inner
    return function


def display(function=None, **options):
    if function is None:
        return lambda inner: inner
    return function


def register(*models, site=None):
    def decorate(admin_class):
        from django.contrib.admin.sites import site as default
        (site or default).register(models, admin_class)
        return admin_class
    return decorate
