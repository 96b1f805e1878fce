-- One decision about one request: takes of every limit that it names, or of none. The clock is the server's.
-- KEYS: what is counted, one for each limit. ARGV, seven for each:
--   1 how it is counted: `s` in parts of a sliding window, `f` in a fixed window, `g` at an even pace (GCRA)
--   2 the quota, 3 the window in microseconds
--   4 how much is wanted, 5 how much of that is needed at least
--   6 how much is given back, 7 of what was taken at which moment
-- Gives back: the number of the first limit that has too little, or 0; the moment; and for each limit how much was taken, how
-- much is left, and in how many microseconds there will be more.
local PARTS = 128
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local over = 0
local answer = {0, now}
local limits = {}

-- In parts of the window: a part counts until all of it has left.
local function sliding(kept, limit)
  local width = limit.window / PARTS
  local current = math.floor(now / width)
  local of_back = math.floor(limit.back_at / width)
  local parts, total = {}, 0
  for i = 1, #kept, 2 do
    local part, count = kept[i], kept[i + 1]
    if part == of_back then count = math.max(0, count - limit.back) end
    -- What lies ahead was counted before the clock was set back: it counts for a window from now on, and what lies further
    -- ahead than that not at all.
    if part > current then
      limit.is_stale = true
      if part > current + PARTS then count = 0 end
      part = current
    end
    if part + PARTS >= current and count > 0 then
      if parts[#parts - 1] == part then
        parts[#parts] = parts[#parts] + count
      else
        parts[#parts + 1] = part
        parts[#parts + 1] = count
      end
      total = total + count
    end
  end
  local function gone(part) return (part + PARTS + 1) * width - now end
  limit.free = limit.quota - total
  limit.take = function(count)
    if count > 0 then
      if parts[#parts - 1] == current then
        parts[#parts] = parts[#parts] + count
      else
        parts[#parts + 1] = current
        parts[#parts + 1] = count
      end
    end
    return parts
  end
  limit.wait = function(least)
    local missing = least - limit.free
    for i = 1, #parts, 2 do
      missing = missing - parts[i + 1]
      if missing <= 0 then return gone(parts[i]) end
    end
    return limit.window
  end
  limit.next = function() return parts[1] and gone(parts[1]) or limit.window end
end

-- In windows that begin at whole multiples of their length.
local function fixed(kept, limit)
  local current = math.floor(now / limit.window)
  local count = kept[1] == current and kept[2] or 0
  if kept[1] == current and math.floor(limit.back_at / limit.window) == current then
    count = math.max(0, count - limit.back)
  end
  limit.free = limit.quota - count
  limit.take = function(taken) return {current, count + taken} end
  limit.next = function() return (current + 1) * limit.window - now end
  limit.wait = limit.next
end

-- At an even pace: how far what was admitted is ahead of it, at a moment. Kept as a span, because a fraction of a microsecond has
-- no place beside the microseconds since 1970.
local function paced(kept, limit)
  local step = limit.window / limit.quota
  local passed = kept[1] and math.max(0, now - kept[1]) or 0
  -- A clock that was set back goes on from there.
  limit.is_stale = kept[1] ~= nil and kept[1] > now
  local ahead = math.max(0, (kept[2] or 0) - passed - limit.back * step)
  -- Less than a millionth of a step is what rounding adds up to.
  limit.free = math.floor((limit.window - ahead) / step + 0.000001)
  limit.take = function(count) return {now, ahead + count * step} end
  limit.wait = function(least) return ahead + least * step - limit.window end
  limit.next = function() return step end
end

local ways = {s = sliding, f = fixed, g = paced}

for i, key in ipairs(KEYS) do
  local a = (i - 1) * 7
  local limit = {
    quota = tonumber(ARGV[a + 2]), window = tonumber(ARGV[a + 3]), want = tonumber(ARGV[a + 4]),
    least = tonumber(ARGV[a + 5]), back = tonumber(ARGV[a + 6]), back_at = tonumber(ARGV[a + 7]),
  }
  local raw = redis.call('GET', key)
  ways[ARGV[a + 1]](raw and cmsgpack.unpack(raw) or {}, limit)
  limits[i] = limit
  if over == 0 and limit.free < limit.least then over = i end
end

for i, key in ipairs(KEYS) do
  local limit = limits[i]
  local taken = 0
  if over == 0 then taken = math.max(0, math.min(limit.want, limit.free)) end
  if taken > 0 or limit.back > 0 or limit.is_stale then
    redis.call('SET', key, cmsgpack.pack(limit.take(taken)), 'PX', math.ceil(limit.window / 500) + 1000)
  end
  local more_in = over == i and limit.wait(limit.least) or limit.next()
  answer[#answer + 1] = taken
  answer[#answer + 1] = math.max(0, limit.free - taken)
  answer[#answer + 1] = math.max(0, math.ceil(more_in))
end
answer[1] = over
return answer
