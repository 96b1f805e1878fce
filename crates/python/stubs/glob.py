from fnmatch import fnmatch
from os.path import dirname, join


def glob(pathname, *, root_dir=None, recursive=False, **options):
    if root_dir is not None:
        pathname = join(root_dir, pathname)
    deep = "**" in pathname
    folder = pathname.split("**")[0].rstrip("/") if deep else dirname(pathname)
    wanted = pathname.rsplit("/", 1)[-1]
    found = []
    for name, ispkg in __modules_in__(folder, deep):
        path = name.replace(".", "/") + ("" if ispkg else ".py")
        if fnmatch(path.rsplit("/", 1)[-1], wanted):
            found.append(join(folder, path))
    return found


iglob = glob
