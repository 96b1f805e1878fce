# `for`, `while`, their `else`, `break`, `continue`, loops that never end.


def each(items):
    for item in items:
        if item.bad:
            continue
        if item.last:
            break
        use(item)
    done()
#= b0: -> b1
#= b1: for item in items -> b2 each, b3 done
#= b2: if item.bad -> b5 if item.bad, b4 unless item.bad
#= b3: done() -> end
#= b4: if item.last -> b7 if item.last, b6 unless item.last
#= b5: continue -> b1
#= b6: use(item) -> b1
#= b7: break -> b3


def search(items):
    for item in items:
        if item.good:
            break
    else:
        raise NotFound
    return item
#= b0: -> b1
#= b1: for item in items -> b2 each, b3 done
#= b2: if item.good -> b5 if item.good, b1 unless item.good
#= b3: raise NotFound -> raise NotFound
#= b4: return item -> return item
#= b5: break -> b4


def waiting(queue):
    while queue.pending() and not queue.closed:
        queue.pop()
    else:
        queue.close()
#= b0: -> b1
#= b1: while queue.pending() and not queue.clos -> b4 if queue.pending(), b3 unless queue.pending()
#= b2: queue.pop() -> b1
#= b3: queue.close() -> b5
#= b4: -> b3 if queue.closed, b2 unless queue.closed
#= b5: -> end


def forever():
    while True:
        step()
#= b0: -> b1
#= b1: while True -> b2 if True, endless
#= b2: step() -> b1


def forever_or_not(x):
    while True:
        if x():
            break
        if y():
            return 1
    return 2
#= b0: -> b1
#= b1: while True -> b2 if True
#= b2: if x() -> b5 if x(), b4 unless x()
#= b3: return 2 -> return 2
#= b4: if y() -> b6 if y(), b1 unless y()
#= b5: break -> b3
#= b6: return 1 -> return 1


def nested(rows):
    for row in rows:
        for cell in row:
            if not cell:
                break
        else:
            continue
        return row
#= b0: -> b1
#= b1: for row in rows -> b3 each, b2 done
#= b2: -> end
#= b3: for cell in row -> b4 each, b5 done
#= b4: if not cell -> b3 if cell, b7 unless cell
#= b5: continue -> b1
#= b6: return row -> return row
#= b7: break -> b6


def spins(x):
    while x:
        while True:
            pass
#= b0: -> b1
#= b1: while x -> b3 if x, b2 unless x
#= b2: -> end
#= b3: while True -> b4 if True, endless
#= b4: pass -> b3
