-- Ends deliveries in any way.
-- KEYS     leases, messages, deliveries, again, suspects, scheduled, dead, why, meta
-- ARGV     hint channel, then per settlement: kind (A ack, T retry, L release, D dead-letter), lease member, delay in ms or reason, error text (D only)
-- Reply    one text with a digit per settlement: 0 stale, 1 settled, 2 already
-- Keeps    only the newest token of a message settles it, once. Everything is judged before the first write; a message is in its new place before its
--          lease goes.
local leases, messages, deliveries, again, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local scheduled, dead, why, meta = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
--#include clock.lua

local state = redis.call('HMGET', meta, 'clock', 'offset')
local now, offset = clock(state[1], state[2])
local results, backs, fronts, doubted, later, records = {}, {}, {}, {}, {}, {}
local graves, reasons, handled, forgotten, ended = {}, {}, {}, {}, {}

-- The state a record has after a settlement that requeues.
local done_by = {T = 'T', L = 'E'}

-- What to do with one: its result and, when it is to be done, its count and losses.
local function judge(kind, id, token)
  if redis.call('HEXISTS', messages, id) == 0 then
    return '2'
  end
  local record = redis.call('HGET', deliveries, id)
  if record and #record == 25 then
    local count, losses, status, holder = struct.unpack('>I4I4c1c16', record)
    if holder ~= token then
      return '0'
    elseif status == 'T' or status == 'E' then
      return status == done_by[kind] and '2' or '0'
    elseif status == 'R' and done_by[kind] then
      return '2'
    end
    return '1', count, losses
  elseif redis.call('ZSCORE', leases, id .. token) then
    return '1', 1, 0
  end
  local grave = kind == 'D' and redis.call('HGET', why, id)
  return grave and string.sub(grave, 9, 24) == token and '2' or '0'
end

for i = 2, #ARGV, 4 do
  local kind, member, number = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local id, token = string.sub(member, 1, 16), string.sub(member, 17)
  local result, count, losses = judge(kind, id, token)
  results[#results + 1] = result
  if result == '1' then
    ended[#ended + 1] = member
    if kind == 'A' then
      handled[#handled + 1] = id
      forgotten[#forgotten + 1] = id
    elseif kind == 'D' then
      graves[#graves + 1] = digits(now)
      graves[#graves + 1] = id
      reasons[#reasons + 1] = id
      reasons[#reasons + 1] = struct.pack('>I4I4', number, count) .. token .. ARGV[i + 3]
      forgotten[#forgotten + 1] = id
    else
      if kind == 'T' then
        losses = 0
      else
        count = count - 1
      end
      if number > 0 then
        later[#later + 1] = digits(now + number)
        later[#later + 1] = id
      elseif kind == 'T' then
        backs[#backs + 1] = id
      elseif losses >= 2 then
        table.insert(doubted, 1, id)
      else
        table.insert(fronts, 1, id)
      end
      records[#records + 1] = id
      records[#records + 1] = struct.pack('>I4I4', count, losses) .. done_by[kind] .. token
    end
  end
end

if #ended > 0 then
  -- The first write frees, so Redis lets the rest of the script run even when memory is full.
  redis.call('ZREM', leases, '')
  local woke = false
  if #backs > 0 then
    woke = redis.call('RPUSH', again, unpack(backs)) == #backs
  end
  if #fronts > 0 then
    woke = redis.call('LPUSH', again, unpack(fronts)) == #fronts or woke
  end
  if #doubted > 0 then
    woke = redis.call('LPUSH', suspects, unpack(doubted)) == #doubted or woke
  end
  if #later > 0 then
    redis.call('ZADD', scheduled, unpack(later))
    if offset ~= tonumber(state[2] or 0) then
      redis.call('HSET', meta, 'offset', digits(offset))
    end
  end
  if #records > 0 then
    redis.call('HSET', deliveries, unpack(records))
  end
  if #graves > 0 then
    redis.call('HSET', why, unpack(reasons))
    redis.call('ZADD', dead, unpack(graves))
  end
  if #handled > 0 then
    redis.call('HDEL', messages, unpack(handled))
  end
  if #forgotten > 0 then
    redis.call('HDEL', deliveries, unpack(forgotten))
  end
  redis.call('ZREM', leases, unpack(ended))
  if woke then
    redis.pcall('PUBLISH', ARGV[1], '')
  end
end
return {table.concat(results)}
