-- Reclaims leases that ran out, promotes what is due, leases.
-- KEYS     leases, messages, deliveries, ready, again, suspects, scheduled, dead, why, meta, calls
-- ARGV     session, lane field, field of the session's mark, call number, epoch if there is none yet, hint channel,
--          most messages, most suspects, most bytes, visibility timeout in ms, delivery limit
-- Reply    standing (0 applied, 1 repeated, 2 already, 3 fenced), epoch, regressed (0 or 1: acknowledged writes are missing), reclaimed, buried, ms until asking again is worth it or -1,
--          then per message: lease member, followed by count(4)‖losses(4) unless this is its first delivery; envelope
-- Keeps    a message has its lease before it leaves its list, and the call is remembered last: leases nobody was told of run out and come back.
--          Ids without an envelope (acked late) and ids leased elsewhere are dropped from the lists unseen. Nothing but its list tells of a message that it
--          was never leased, so when that list cannot be shortened the leases are taken back: else a second lease would end the first one's handler.
local leases, messages, deliveries, ready, again, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local scheduled, dead, why, meta, calls = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local session, lane = ARGV[1], ARGV[2]
local most_messages, most_suspects, most_bytes = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
--#include attempt.lua
--#include clock.lua
--#include numbers.lua
--#include lanes.lua
--#include takeback.lua

local state = redis.call('HMGET', meta, 'epoch', 'version', 'clock', 'offset', 'sweep', 'fence', 'orphans')
if state[2] and state[2] ~= '1' then
  return redis.error_reply('RQVERSION layout ' .. state[2] .. ' is newer than this client, which knows layout 1')
end

local epoch = state[1] or ARGV[5]
local number = tonumber(ARGV[4])
local now, offset = clock(state[3], state[4])
local deadline = digits(now + tonumber(ARGV[10]))
local stamp = redis.call('HMGET', calls, lane, ARGV[3])
local last = stamp[1] and unpack64(stamp[1], 1) or 0
if stamp[2] then
  return {3, epoch, 0, 0, 0, -1}
end
if number < last then
  return {2, epoch, 0, 0, 0, -1}
end

-- The first write frees, so Redis lets the rest of the script run even when memory is full.
redis.call('ZREM', leases, '')

if number == last then
  -- The answer was lost: the same leases again, as far as they hold, each for a whole visibility timeout from now.
  local reply, extended = {1, epoch, tonumber(string.sub(stamp[1], 17, 17)), 0, 0, -1}, {}
  local first = unpack64(stamp[1], 18)
  for i = 0, (#stamp[1] - 25) / 16 - 1 do
    local id = string.sub(stamp[1], 26 + i * 16, 41 + i * 16)
    local token = session .. pack64(first + i)
    local record = redis.call('HGET', deliveries, id)
    local body = redis.call('ZSCORE', leases, id .. token) and redis.call('HGET', messages, id)
    if body and (not record or string.sub(record, 9) == 'L' .. token) then
      extended[#extended + 1] = deadline
      extended[#extended + 1] = id .. token
      reply[#reply + 1] = id .. token .. (record and string.sub(record, 1, 8) or '')
      reply[#reply + 1] = body
    end
  end
  if #extended > 0 then
    redis.call('ZADD', leases, 'XX', unpack(extended))
  end
  return reply
end

local expired = redis.call('ZRANGE', leases, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 500)
local reclaimed, buried, woke, missing = take_back(expired, tonumber(ARGV[11]), now)

local due = redis.call('ZRANGE', scheduled, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 500)
if #due > 0 then
  local known = redis.call('HMGET', deliveries, unpack(due))
  local backs, doubted = {}, {}
  for i = 1, #due do
    local doubtful = known[i] and #known[i] == 25 and struct.unpack('>I4', known[i], 5) >= 2
    local list = doubtful and doubted or backs
    list[#list + 1] = due[i]
  end
  woke = push('RPUSH', again, backs) or woke
  woke = push('RPUSH', suspects, doubted) or woke
  attempt('ZREM', scheduled, unpack(due))
  undo = {}
end

-- One range of fences for the call: above every earlier one, also when a failover lost the counter, because the clock moved on. The range shares its upper
-- half, so that a token costs one packed number.
local first = math.max(tonumber(state[6] or 0) + 1, micros)
if first % 4294967296 > 4294966295 then
  first = (math.floor(first / 4294967296) + 1) * 4294967296
end
local holder = session .. struct.pack('>I4', math.floor(first / 4294967296))
local fence = first % 4294967296
local given, bytes = 0, 0
local ids_given, members, held, records, gone, reply = {}, {}, {}, {}, {}, {0, epoch, 0, reclaimed, buried, -1}
local seen = {}

local function give(id, body, counts)
  local token = holder .. struct.pack('>I4', fence + given)
  local member = id .. token
  given = given + 1
  bytes = bytes + #body
  ids_given[given] = id
  held[given] = member
  members[given * 2 - 1] = deadline
  members[given * 2] = member
  if counts then
    seen[id] = true
    records[#records + 1] = id
    records[#records + 1] = counts .. 'L' .. token
    member = member .. counts
  end
  reply[given * 2 + 5] = member
  reply[given * 2 + 6] = body
end

-- The counts of a redelivered message, its new delivery included; nil when this entry of the list is to be passed over.
local function counts_of(id, record)
  if seen[id] then
    return nil
  end
  if not record or #record ~= 25 then
    if redis.call('ZSCORE', dead, id) then
      -- By a late answer while it waited here.
      return nil
    end
    -- A script that lists an id here leaves a record with it, or unlists it: the records were evicted or deleted, and this one's deliveries are counted anew.
    -- Bytes that are no record are as good as none, and somebody else's doing.
    missing = missing or not record
    return struct.pack('>I4I4', 1, 0)
  end
  local count, losses, status = struct.unpack('>I4I4c1', record)
  -- Leased already: listed twice by a script that broke off.
  return status ~= 'L' and struct.pack('>I4I4', count + 1, losses) or nil
end

-- Chooses from the head of a list; returns how many ids to drop from it. Looks at no more than 1,000.
local function choose(list, redelivered, most)
  local until_given, at = given + most, 0
  while given < until_given and bytes < most_bytes and at < 1000 do
    local ids = redis.call('LRANGE', list, at, at + math.min(until_given - given, 100) - 1)
    if #ids == 0 then
      break
    end
    local bodies = redis.call('HMGET', messages, unpack(ids))
    local known = redelivered and redis.call('HMGET', deliveries, unpack(ids))
    for i = 1, #ids do
      local body = bodies[i]
      at = at + 1
      if body then
        if redelivered then
          local counts = counts_of(ids[i], known[i])
          if counts then
            give(ids[i], body, counts)
          end
        else
          give(ids[i], body)
        end
        if bytes >= most_bytes then
          break
        end
      elseif not redelivered then
        -- Nobody had it, so nobody acked it.
        missing = true
      elseif known[i] then
        -- An ack takes the record with the envelope.
        missing = true
        gone[#gone + 1] = ids[i]
      end
    end
  end
  return at
end

local from_suspects = choose(suspects, true, math.min(most_suspects, most_messages))
local from_again = choose(again, true, most_messages - given)
local from_ready = choose(ready, false, most_messages - given)

-- The fences are burnt before they are given, so that no two leases ever share one.
redis.call('HSET', meta, 'fence', digits(first + given - 1), 'clock', digits(now))
if not state[1] or offset ~= tonumber(state[4] or 0) then
  redis.call('HSET', meta, 'epoch', epoch, 'version', '1', 'offset', digits(offset))
end
if #gone > 0 then
  -- The record of a message that was acked late by a script that broke off.
  redis.call('HDEL', deliveries, unpack(gone))
end
if given > 0 then
  redis.call('ZADD', leases, unpack(members))
  if #records > 0 then
    undo = {{'ZREM', leases, unpack(held)}}
    attempt('HSET', deliveries, unpack(records))
  end
end
if from_ready > 0 then
  -- Those from ready were chosen last.
  undo = given > #records / 2 and {{'ZREM', leases, unpack(held, #records / 2 + 1)}} or {}
  attempt('LTRIM', ready, from_ready, -1)
end
if from_suspects > 0 then
  redis.call('LTRIM', suspects, from_suspects, -1)
end
if from_again > 0 then
  redis.call('LTRIM', again, from_again, -1)
end

local backlog = redis.call('LLEN', ready) > 0 or redis.call('LLEN', again) > 0 or redis.call('LLEN', suspects) > 0
if given == 0 and not backlog then
  -- An idle queue is looked over: a message that stands nowhere was listed in a key that was evicted or deleted. Those seen before are not told of again.
  local orphans = redis.call('HLEN', messages) - redis.call('ZCARD', leases) - redis.call('ZCARD', scheduled) - redis.call('ZCARD', dead)
  local seen_before = tonumber(state[7] or 0)
  missing = missing or orphans > seen_before
  if math.max(orphans, 0) ~= seen_before then
    redis.call('HSET', meta, 'orphans', digits(math.max(orphans, 0)))
  end
end
local regressed = (missing or number > last + 1) and 1 or 0
reply[3] = regressed

if not stamp[1] then
  forget_old(now, state[5])
end
redis.call('HSET', calls, lane, pack64(number) .. pack64(now) .. regressed .. pack64(first) .. table.concat(ids_given))

if backlog then
  if woke then
    redis.pcall('PUBLISH', ARGV[6], '')
  end
  if given == 0 and from_suspects + from_again + from_ready > 0 then
    -- Only ids without a message were met so far. What stands behind a thousand of them must not wait for a poll.
    reply[6] = 0
  end
else
  local soonest = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')
  if soonest[2] then
    reply[6] = math.max(tonumber(soonest[2]) - now, 0)
  end
end
return reply
