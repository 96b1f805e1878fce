class Sitemap: pass
class GenericSitemap(Sitemap):
    def __init__(self, *args, **options): pass
