# Branches, tests taken apart, early exits, code that never runs.


def straight(x):
    y = x + 1
    return y
#= b0: y = x + 1; return y -> return y


def early_return(user):
    if not user:
        raise Denied
    return user.name
#= b0: if not user -> b1 if user, b2 unless user
#= b1: return user.name -> return user.name
#= b2: raise Denied -> raise Denied


def chain(kind):
    if kind == "a":
        x = 1
    elif kind == "b":
        x = 2
    else:
        return None
    return x
#= b0: if kind == "a" -> b2 if kind == "a", b3 unless kind == "a"
#= b1: return x -> return x
#= b2: x = 1 -> b1
#= b3: elif kind == "b" -> b4 if kind == "b", b5 unless kind == "b"
#= b4: x = 2 -> b1
#= b5: return None -> return None


def both_sides_leave(x):
    if x:
        return 1
    else:
        return 2
    never()
#= b0: if x -> b2 if x, b3 unless x
#= b1 (unreachable): never() ->
#= b2: return 1 -> return 1
#= b3: return 2 -> return 2


def short_circuit(user):
    if user is None or not user.active and not user.staff:
        raise Denied(user)
    act()
#= b0: if user is None or not user.active and n -> b2 if user is None, b3 unless user is None
#= b1: act() -> end
#= b2: raise Denied(user) -> raise Denied(user)
#= b3: -> b1 if user.active, b4 unless user.active
#= b4: -> b1 if user.staff, b2 unless user.staff


def constants():
    if True:
        a()
    else:
        b()
    if 0:
        c()
#= b0: if True -> b2 if True
#= b1: if 0 -> b4 unless 0
#= b2: a() -> b1
#= b3 (unreachable): b() -> b1
#= b4: -> end
#= b5 (unreachable): c() -> b4


def falls_through(x):
    if x:
        a()
#= b0: if x -> b2 if x, b1 unless x
#= b1: -> end
#= b2: a() -> b1


def local_class(x):
    class Local(Base):
        kind = x
        def method(self):
            return x
    return Local
#= b0: class Local; kind = x; def method; return Local -> return Local


def empty():
    """Only a docstring."""
#= b0: -> end


async def waits(client):
    reply = await client.get()
    if reply.status != 200:
        return None
    async with client.lock:
        return await reply.json()
#= b0: reply = await client.get(); if reply.status != 200 -> b2 if reply.status != 200, b1 unless reply.status != 200
#= b1: async with client.lock; return await reply.json() -> return await reply.json()
#= b2: return None -> return None
