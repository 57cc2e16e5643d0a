-- Ends deliveries in any way.
-- KEYS     leases, messages, deliveries, again, suspects, scheduled, dead, why, meta
-- ARGV     hint channel, then per settlement: kind (A ack, T retry, L release, D dead-letter), lease member, delay in ms or reason, error text (D only)
-- Reply    one text with a digit per settlement: 0 stale, 1 settled, 2 already
-- Keeps    only the newest token of a message settles it, once. Everything is judged before the first write; a message is in its new place before its
--          lease goes. What can be written twice is written first, then the lists and at once after them the records, which say that they were.
local leases, messages, deliveries, again, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local scheduled, dead, why, meta = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
--#include attempt.lua
--#include clock.lua

local state = redis.call('HMGET', meta, 'clock', 'offset')
local now, offset = clock(state[1], state[2])
local results, backs, fronts, doubted, later, delayed, records = {}, {}, {}, {}, {}, {}, {}
local graves, reasons, handled, forgotten, ended = {}, {}, {}, {}, {}
local buried, over = {}, {}

-- The state a record has after a settlement that requeues.
local done_by = {T = 'T', L = 'E'}

-- What to do with one: its result and, when it is to be done, its count, losses and record. No count: there is no such message.
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
      return status == done_by[kind] and '2' or '0', count
    elseif status == 'R' and done_by[kind] then
      return '2', count
    end
    return '1', count, losses, record
  end
  local grave = kind == 'D' and redis.call('HGET', why, id)
  if grave and string.sub(grave, 9, 24) == token and redis.call('ZSCORE', dead, id) then
    return '2', 1
  end
  return redis.call('ZSCORE', leases, id .. token) and '1' or '0', 1, 0
end

for i = 2, #ARGV, 4 do
  local kind, member, number = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local id, token = string.sub(member, 1, 16), string.sub(member, 17)
  local result, count, losses, record = judge(kind, id, token)
  results[#results + 1] = result
  if result ~= '0' then
    -- Of one settled before too: the script may have broken off then, with only the lease left.
    ended[#ended + 1] = member
  end
  if result == '2' and not count then
    forgotten[#forgotten + 1] = id
  elseif result == '1' then
    if kind == 'A' then
      handled[#handled + 1] = id
      forgotten[#forgotten + 1] = id
    elseif kind == 'D' then
      graves[#graves + 1] = digits(now)
      graves[#graves + 1] = id
      reasons[#reasons + 1] = id
      reasons[#reasons + 1] = struct.pack('>I4I4', number, count) .. token .. ARGV[i + 3]
      forgotten[#forgotten + 1] = id
      over[#over + 1] = member
      if record then
        buried[#buried + 1] = id
        buried[#buried + 1] = record
      end
    else
      if kind == 'T' then
        losses = 0
      else
        count = count - 1
      end
      if number > 0 then
        later[#later + 1] = digits(now + number)
        later[#later + 1] = id
        delayed[#delayed + 1] = id
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
  if #later > 0 then
    redis.call('ZADD', scheduled, unpack(later))
    undo[1] = {'ZREM', scheduled, unpack(delayed)}
    if offset ~= tonumber(state[2] or 0) then
      attempt('HSET', meta, 'offset', digits(offset))
    end
  end
  if #handled > 0 then
    attempt('HDEL', messages, unpack(handled))
  end
  bury(reasons, graves, forgotten, buried, over)
  local woke = push('RPUSH', again, backs)
  woke = push('LPUSH', again, fronts) or woke
  woke = push('LPUSH', suspects, doubted) or woke
  if #records > 0 then
    attempt('HSET', deliveries, unpack(records))
  end
  redis.call('ZREM', leases, unpack(ended))
  if woke then
    redis.pcall('PUBLISH', ARGV[1], '')
  end
end
return {table.concat(results)}
