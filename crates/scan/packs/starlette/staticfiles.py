class StaticFiles:
    def __init__(self, *, directory=None, packages=None, html=False, check_dir=True, follow_symlink=False):
        self.directory = directory
        self.html = html
