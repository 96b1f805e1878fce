def jsonable_encoder(obj, **options):
    return obj
