# `with` and `match`.


def plain_with():
    with lock() as held:
        a()
        return held
#= b0: with lock() as held; a(); return held -> return held


def suppressed():
    with suppress(KeyError):
        x = cache["x"]
        return x
    return None
#= b0: with suppress(KeyError) -> b2
#= b1: return None -> return None
#= b2: x = cache["x"] -> b3, b1 suppressed, uncaught
#= b3: return x -> return x


def suppressed_raise():
    with contextlib.suppress(Denied):
        raise Denied
    act()
#= b0: with contextlib.suppress(Denied) -> b2
#= b1: act() -> end
#= b2: raise Denied -> b1 suppressed, raise Denied


def with_inside_try():
    try:
        with session() as s:
            s.add(1)
    except E:
        return None
#= b0: try -> b2
#= b1: -> end
#= b2: with session() as s -> b5, b3 raises
#= b3: -> b4 except E, uncaught
#= b4: return None -> return None
#= b5: s.add(1) -> b1, b3 raises


def by_value(command):
    match command:
        case "a":
            return 1
        case "b" | "c":
            x = 2
        case _:
            raise Unknown(command)
    return x
#= b0: match command -> b3 matches, b2 else
#= b1: return x -> return x
#= b2: -> b5 matches, b4 else
#= b3: return 1 -> return 1
#= b4: -> b6 matches
#= b5: x = 2 -> b1
#= b6: raise Unknown(command) -> raise Unknown(command)


def with_guard(shape):
    match shape:
        case Circle(r) if r > 0:
            return r
        case [x, y] if x and y:
            return x
    return None
#= b0: match shape -> b4 matches, b2 else
#= b1: return None -> return None
#= b2: -> b6 matches, b1 else
#= b3: return r -> return r
#= b4: -> b3 if r > 0, b2 unless r > 0
#= b5: return x -> return x
#= b6: -> b7 if x, b1 unless x
#= b7: -> b5 if y, b1 unless y


def catches_the_rest(x):
    match x:
        case 1:
            a()
        case other:
            return other
    b()
#= b0: match x -> b3 matches, b2 else
#= b1: b() -> end
#= b2: -> b4 matches
#= b3: a() -> b1
#= b4: return other -> return other
