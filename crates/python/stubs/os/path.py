def join(first, *parts):
    result = first
    for part in parts:
        if part.startswith("/"):
            result = part
        elif result.endswith("/") or not result:
            result = result + part
        else:
            result = result + "/" + part
    return result


def basename(path):
    return path.rsplit("/", 1)[-1]


def dirname(path):
    return path.rsplit("/", 1)[0] if "/" in path else ""


def normpath(path):
    if __is_watched__() and __kind_of__(path) == "unknown":
        return __called__("<normal path>", path)
    parts = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


# Paths of files are relative to what is scanned.
abspath = realpath = normpath


def expanduser(path):
    return path


def split(path):
    return dirname(path), basename(path)


def splitext(path):
    name = basename(path)
    if "." not in name.lstrip("."):
        return path, ""
    ending = "." + name.rsplit(".", 1)[-1]
    return path[: -len(ending)], ending


def relpath(path, start=""):
    path, start = normpath(path), normpath(start)
    if path == start:
        return "."
    return path[len(start) + 1 :] if start and path.startswith(start + "/") else path


def exists(path):
    return __unknown__("whether a file exists")


isfile = exists
isdir = exists
