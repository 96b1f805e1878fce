# `try` in all its parts. Only what may raise has an edge to the clauses.


def one_clause():
    x = 1
    try:
        y = x
        token = decode(y)
        z = token
    except ValueError:
        raise Denied
    return z
#= b0: x = 1; try -> b2
#= b1: return z -> return z
#= b2: y = x; token = decode(y) -> b5, b3 raises
#= b3: -> b4 except ValueError, uncaught
#= b4: raise Denied -> raise Denied
#= b5: z = token -> b1


def several_clauses():
    try:
        token = decode()
    except Expired as error:
        log(error)
        raise
    except (Malformed, Missing):
        return None
    except Exception:
        token = None
    return token
#= b0: try -> b2
#= b1: return token -> return token
#= b2: token = decode() -> b1, b3 raises
#= b3: -> b4 except Expired, b5 except (Malformed, Missing), b6 except Exception
#= b4: log(error); raise -> raise
#= b5: return None -> return None
#= b6: token = None -> b1


def with_else():
    try:
        user = find()
    except Missing:
        user = None
    else:
        greet(user)
    return user
#= b0: try -> b2
#= b1: return user -> return user
#= b2: user = find() -> b5, b3 raises
#= b3: -> b4 except Missing, uncaught
#= b4: user = None -> b1
#= b5: greet(user) -> b1


def always_closes(path):
    f = open(path)
    try:
        if f.empty:
            return None
        return f.read()
    finally:
        f.close()
#= b0: f = open(path); try -> b1
#= b1: if f.empty -> b3 if f.empty, b2 unless f.empty, b4 raises
#= b2: return f.read() -> b4 raises, b6
#= b3: return None -> b5
#= b4: f.close() -> uncaught
#= b5: f.close() -> return None
#= b6: f.close() -> return f.read()


def all_parts():
    try:
        a()
    except E:
        b()
    else:
        c()
    finally:
        d()
    e()
#= b0: try -> b3
#= b1: e() -> end
#= b2: d() -> b1
#= b3: a() -> b6, b4 raises
#= b4: -> b5 except E, b7 raises
#= b5: b() -> b2, b7 raises
#= b6: c() -> b2, b7 raises
#= b7: d() -> uncaught


def raise_is_caught_here():
    try:
        if bad():
            raise Denied("no")
    except Denied:
        return 1
    return 2
#= b0: try -> b2
#= b1: return 2 -> return 2
#= b2: if bad() -> b5 if bad(), b1 unless bad(), b3 raises
#= b3: -> b4 except Denied, uncaught
#= b4: return 1 -> return 1
#= b5: raise Denied("no") -> b4 except Denied, raise Denied("no")


def raise_is_swallowed():
    try:
        raise Denied
    except:
        pass
#= b0: try -> b2
#= b1: -> end
#= b2: raise Denied -> b3 except
#= b3: pass -> b1


def finally_overrides():
    try:
        raise Denied
    finally:
        return 1
#= b0: try -> b1
#= b1: raise Denied -> b2 raises
#= b2: return 1 -> return 1


def loop_and_finally(items):
    for item in items:
        try:
            if item.skip:
                continue
            if item.stop:
                break
            use(item)
        finally:
            close(item)
    return None
#= b0: -> b1
#= b1: for item in items -> b2 each, b3 done
#= b2: try -> b5
#= b3: return None -> return None
#= b4: close(item) -> b1
#= b5: if item.skip -> b7 if item.skip, b6 unless item.skip, b8 raises
#= b6: if item.stop -> b11 if item.stop, b10 unless item.stop, b8 raises
#= b7: continue -> b9
#= b8: close(item) -> uncaught
#= b9: close(item) -> b1
#= b10: use(item) -> b4, b8 raises
#= b11: break -> b12
#= b12: close(item) -> b3


def nested_tries():
    try:
        try:
            a()
        except E:
            b()
        finally:
            c()
    except F:
        d()
#= b0: try -> b2
#= b1: -> end
#= b2: try -> b6
#= b3: -> b4 except F, uncaught
#= b4: d() -> b1
#= b5: c() -> b1, b3 raises
#= b6: a() -> b5, b7 raises
#= b7: -> b8 except E, b9 raises
#= b8: b() -> b5, b9 raises
#= b9: c() -> b10, b3 raises
#= b10: -> b3 raises


def finally_in_finally():
    try:
        a()
    finally:
        try:
            b()
        finally:
            c()
    return 1
#= b0: try -> b3
#= b1: return 1 -> return 1
#= b2: try -> b6
#= b3: a() -> b2, b4 raises
#= b4: try -> b9
#= b5: c() -> b1, uncaught
#= b6: b() -> b5, b5 raises
#= b7: -> uncaught
#= b8: c() -> b7, uncaught
#= b9: b() -> b8, b8 raises


def harmless_body(x):
    try:
        y = x
    except NameError:
        y = None
    return y
#= b0: try -> b2
#= b1: return y -> return y
#= b2: y = x -> b1, b3 raises
#= b3: -> b4 except NameError, uncaught
#= b4: y = None -> b1


def test_may_raise():
    try:
        if check():
            return 1
    except E:
        return 2
    return 3
#= b0: try -> b2
#= b1: return 3 -> return 3
#= b2: if check() -> b5 if check(), b1 unless check(), b3 raises
#= b3: -> b4 except E, uncaught
#= b4: return 2 -> return 2
#= b5: return 1 -> return 1
