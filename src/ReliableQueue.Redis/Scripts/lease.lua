-- Gives out messages: reclaims leases that ran out, promotes what is due, leases, notes the call.
-- KEYS     leases, messages, deliveries, ready, again, suspects, scheduled, dead, why, meta, calls, removed
-- ARGV     session, lane field, field of the session's mark, call number, epoch if there is none yet, hint channel,
--          most messages, most suspects, most bytes, visibility timeout in ms, delivery limit
-- Reply    standing (0 applied, 1 repeated, 2 already, 3 fenced), epoch, regressed (0 or 1: acknowledged writes are missing), reclaimed, dead-lettered,
--          ms until asking again is worth it or -1, then per message: lease member, followed by count(4)‖losses(4)‖generation(4) of its record when it has one; envelope
-- Keeps    a message has its lease before it leaves its list, and the call is noted last: leases nobody was told of run out and come back. Nothing but its list
--          tells of a message that it was never leased, so when that list cannot be shortened its new leases go again: otherwise a second lease would end the first
--          one's handler. Ids without an envelope (acked late, deleted) and ids leased elsewhere are dropped from the lists unseen.
-- Idle     a look at a queue that has nothing to give costs eight commands, and the only thing it writes is the number of the call. That it must: were an empty
--          call not noted, the bytes of one that its caller gave up and repeated could arrive after the answer, be taken for new, and lease messages that nobody is
--          told of; and the next call would seem to skip a number. The clock, the fence and the offset need no writing, because nothing was counted from them.
local leases, messages, deliveries, ready, again, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local scheduled, dead, why, meta, calls, removed = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local session, lane, most_messages = ARGV[1], ARGV[2], tonumber(ARGV[7])
--#include numbers.lua
--#include clock.lua
--#include layout.lua
--#include attempt.lua
--#include record.lua
--#include choose.lua

local state = redis.call('HMGET', meta, 'layout', 'uses', 'epoch', 'clock', 'offset', 'fence', 'taken', 'paused')
local refused = refusal(meta, state[1], state[2])
if refused then
  return refused
end

local epoch = state[3] or ARGV[5]
local number = tonumber(ARGV[4])
local now, offset, micros = clock(state[4], state[5])
local deadline = now + tonumber(ARGV[10])
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
  local entry = stamp[1]
  local reply, extended, first = {1, epoch, tonumber(string.sub(entry, 17, 17)), 0, 0, -1}, {}, unpack64(entry, 18)
  for i = 0, (#entry - 25) / 16 - 1 do
    local id = string.sub(entry, 26 + i * 16, 41 + i * 16)
    local member = id .. session .. pack64(first + i)
    local record = redis.call('HGET', deliveries, id)
    local count, losses, generation, status, token = read_record(record)
    local body = redis.call('ZSCORE', leases, member) and redis.call('HGET', messages, id)
    if body and (not count or (status == 'H' and token == string.sub(member, 17, 32))) then
      extended[#extended + 1] = digits(deadline)
      extended[#extended + 1] = member
      reply[#reply + 1] = member .. (count and string.sub(record, 1, 12) or '')
      reply[#reply + 1] = body
    end
  end
  if #extended > 0 then
    redis.call('HSET', meta, 'clock', digits(now), 'offset', digits(offset))
    redis.call('ZADD', leases, 'XX', unpack(extended))
  end
  return reply
end

-- The lowest score of a sorted set: when the first lease ends, when the first message is due.
local function lowest(set)
  return tonumber(redis.call('ZRANGE', set, '0', '0', 'WITHSCORES')[2])
end

local ends, due = lowest(leases), lowest(scheduled)
local reclaimed, dead_lettered, woke, missing = 0, 0, false, false
if (ends and ends <= now) or (due and due <= now) then
--#include ending.lua
--#include schedule.lua
--#include place.lua
--#include loss.lua
  local keys = {
    leases = leases, messages = messages, deliveries = deliveries, again = again, suspects = suspects, scheduled = scheduled, dead = dead, why = why, meta = meta,
  }
  local expired = redis.call('ZRANGE', leases, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 500)
  reclaimed, dead_lettered, woke, missing = lose(keys, expired, tonumber(ARGV[11]), now)

  local promoted = redis.call('ZRANGE', scheduled, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 500, 'WITHSCORES')
  if #promoted > 0 then
    local ids, moves = {}, new_moves()
    for i = 1, #promoted, 2 do
      ids[#ids + 1] = promoted[i]
    end
    local known = redis.call('HMGET', deliveries, unpack(ids))
    for i = 1, #ids do
      local _, losses = read_record(known[i])
      to_ready(moves, ids[i], losses or 0)
      from_scheduled(moves, ids[i], promoted[i * 2])
    end
    woke = commit(moves, keys, now) or woke
  end
  ends, due = lowest(leases), lowest(scheduled)
end

local is_paused = state[8] and (state[8] == 'until-resumed' or tonumber(state[8]) > now)
local lists = redis.call('EXISTS', ready, again, suspects)
local reply = {0, epoch, 0, reclaimed, dead_lettered, -1}
local found, choose, first
local given, from_suspects, from_again, from_ready = 0, 0, 0, 0

if lists > 0 and not is_paused and most_messages > 0 then
  -- One range of fences for the call: above every earlier one, also when a failover lost the counter, because the clock moved on. The range shares its upper
  -- half, so that a token costs one packed number.
  first = math.max(tonumber(state[6] or 0) + 1, micros)
  if first % 4294967296 > 4294966295 then
    first = (math.floor(first / 4294967296) + 1) * 4294967296
  end
  local holder = session .. struct.pack('>I4', math.floor(first / 4294967296))
  found, choose = chooser(messages, deliveries, dead, why, holder, first % 4294967296, digits(deadline), tonumber(ARGV[9]), reply)
  if lists > 1 or redis.call('EXISTS', ready) == 0 then
    from_suspects = choose(suspects, true, math.min(tonumber(ARGV[8]), most_messages))
    from_again = choose(again, true, most_messages - #found.ids)
  end
  from_ready = choose(ready, false, most_messages - #found.ids)
  given = #found.ids
  missing = missing or found.is_missing
end
local dropped = from_suspects + from_again + from_ready

if not state[3] then
  redis.call('HSET', meta, 'epoch', epoch, 'layout', known_layout, 'reader', lowest_reader)
end

if dropped > 0 then
  -- The fences are burnt before they are given, so that no two leases ever share one.
  redis.call('HSET', meta, 'fence', digits(first + given - 1), 'clock', digits(now), 'taken', tonumber(state[7] or 0) + from_ready)
  if offset ~= tonumber(state[5] or 0) then
    redis.call('HSET', meta, 'offset', digits(offset))
  end
  if found.gone then
    -- The record of a message that was acked late by a script that broke off.
    redis.call('HDEL', deliveries, unpack(fields(found.gone)))
  end
  if found.unlisted then
    redis.call('HSET', why, unpack(found.unlisted))
  end

  -- The leases of the messages that had a record come first, because ready is chosen last.
  local redelivered, undo = #found.records / 2, {}
  local function unlease(from)
    local members = {}
    for i = from, given do
      members[#members + 1] = found.members[i * 2]
    end
    redis.pcall('ZREM', leases, unpack(members))
  end
  if given > 0 then
    redis.call('ZADD', leases, unpack(found.members))
  end
  if redelivered > 0 then
    undo[1] = function() unlease(1) end
    attempt(undo, 'HSET', deliveries, unpack(found.records))
  end
  if from_ready > 0 then
    undo[1] = given > redelivered and function() unlease(redelivered + 1) end or nil
    attempt(undo, 'LTRIM', ready, from_ready, '-1')
  end
  if from_suspects > 0 then
    redis.call('HINCRBY', meta, 'taken:suspects', from_suspects)
    redis.call('LTRIM', suspects, from_suspects, '-1')
  end
  if from_again > 0 then
    redis.call('HINCRBY', meta, 'taken:again', from_again)
    redis.call('LTRIM', again, from_again, '-1')
  end

  local never_leased, entries = found.never_leased or {}, found.leased_before or {}
  if #never_leased > 0 then
    -- Nobody had those from ready, so nobody acked them: they were deleted, or they are missing.
    local deleted = redis.call('ZMSCORE', removed, unpack(never_leased))
    for i = 1, #never_leased do
      missing = missing or not deleted[i]
      entries[#entries + 1] = never_leased[i]
    end
  end
  if #entries > 0 then
    redis.call('ZREM', removed, unpack(entries))
  end
end

-- Whether a list has something that a call could give.
local backlog = lists > 0 and not is_paused and (dropped == 0 or redis.call('LLEN', ready) > 0 or redis.call('EXISTS', again, suspects) > 0)

local rested = stamp[1] and #stamp[1] == 25 and math.floor(unpack64(stamp[1], 9) / 60000) == math.floor(now / 60000) and dropped + reclaimed + dead_lettered == 0
if given == 0 and not backlog and not is_paused and not rested then
  -- A queue that has come to rest is looked over, and once a minute again: a message that stands nowhere was listed in a key that was evicted or deleted. Those seen
  -- before are not told of again.
  local orphans = redis.call('HLEN', messages) - redis.call('ZCARD', leases) - redis.call('ZCARD', scheduled) - redis.call('ZCARD', dead)
  local seen_before = tonumber(redis.call('HGET', meta, 'orphans') or 0)
  missing = missing or orphans > seen_before
  if math.max(orphans, 0) ~= seen_before then
    redis.call('HSET', meta, 'orphans', math.max(orphans, 0))
  end
  -- Nothing is listed, so nothing that was deleted is listed any more.
  redis.call('UNLINK', removed)
end

local regressed = (missing or number > last + 1) and 1 or 0
reply[3] = regressed
if not stamp[1] then
--#include lanes.lua
  forget_old(meta, calls, now)
end
redis.call('HSET', calls, lane, pack64(number) .. pack64(now) .. regressed .. pack64(first or 0) .. (given > 0 and table.concat(found.ids) or ''))

if backlog and woke then
  redis.pcall('PUBLISH', ARGV[6], '')
end
if backlog and dropped > 0 and given == 0 then
  -- Only entries without a message were met so far. What stands behind a thousand of them must not wait for a poll.
  reply[6] = 0
elseif not backlog or (dropped == 0 and most_messages > 0) then
  -- Nothing that this call could give, until a lease ends, a message is due, or the pause is over.
  local soonest = math.min(ends or math.huge, due or math.huge, given > 0 and deadline or math.huge)
  if is_paused and state[8] ~= 'until-resumed' then
    soonest = math.min(soonest, tonumber(state[8]))
  end
  if soonest < math.huge then
    reply[6] = math.max(soonest - now, 0)
  end
end
return reply
