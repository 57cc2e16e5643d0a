-- Deletes messages of one state, a bounded number in each call.
-- KEYS     meta, messages, deliveries, ready, again, suspects, scheduled, leases, dead, why, removed
-- ARGV     state (R ready, S scheduled, L leased, D dead-lettered), most messages
-- Reply    how many were deleted, complete (0 or 1): whether none of that state is left
-- Keeps    a lease goes with its message, so a late settlement finds neither. A list is shortened after the envelopes of its ids are gone; until then their marks in
--          removed tell whoever meets them that they were deleted. Entries that name no message are dropped on the way, and count as looked at.
local meta, messages, deliveries, ready, again, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local scheduled, leases, dead, why, removed = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local keys = {scheduled = scheduled, leases = leases, dead = dead, why = why, deliveries = deliveries, messages = messages, removed = removed}
local wanted, most = ARGV[1], tonumber(ARGV[2])
--#include numbers.lua
--#include clock.lua
--#include layout.lua
--#include attempt.lua
--#include record.lua
--#include ending.lua
--#include removal.lua

local state = redis.call('HMGET', meta, 'layout', 'uses', 'clock', 'offset')
local refused = refusal(meta, state[1], state[2])
if refused then
  return refused
end

local now = clock(state[3], state[4])
-- The first write frees, so Redis lets the rest of the script run even when memory is full.
redis.call('ZREM', leases, '')

-- The ids at the head of a list that are messages, and the others, which are leased, dead or gone.
local function judge(ids, redelivered)
  local bodies, known = {}, redis.call('HMGET', deliveries, unpack(fields(ids)))
  local found, gone, unlisted = {}, {}, {}
  for i = 1, #ids do
    local id, record = ids[i], known[i * 2 - 1]
    local count, _, _, status = read_record(record)
    if redis.call('HEXISTS', messages, id) == 0 then
      gone[#gone + 1] = id
    elseif redelivered and not count and redis.call('ZSCORE', dead, id) then
      local last, reason, listed, error = read_note(redis.call('HGET', why, id))
      if listed then
        unlisted[#unlisted + 1] = id
        unlisted[#unlisted + 1] = write_note(last, reason, false, error)
      end
    elseif not redelivered or status ~= 'H' then
      found[#found + 1] = {id = id, record = record, failure = known[i * 2], listed = true}
    end
  end
  return found, gone, unlisted
end

local function purge_list(list, counter, redelivered)
  local ids = redis.call('LRANGE', list, 0, most - 1)
  if #ids == 0 then
    return 0
  end
  local found, gone, unlisted = judge(ids, redelivered)
  remove(keys, found, now)
  if #unlisted > 0 then
    redis.call('HSET', why, unpack(unlisted))
  end
  if #gone > 0 then
    redis.call('HDEL', deliveries, unpack(fields(gone)))
  end
  redis.call('HINCRBY', meta, counter, #ids)
  redis.call('LTRIM', list, #ids, -1)
  redis.call('ZREM', removed, unpack(ids))
  most = most - #ids
  return #found
end

if wanted == 'R' then
  local purged = 0
  for _, list in ipairs({{suspects, 'taken:suspects', true}, {again, 'taken:again', true}, {ready, 'taken', false}}) do
    if most > 0 then
      purged = purged + purge_list(list[1], list[2], list[3])
    end
  end
  return {purged, redis.call('EXISTS', ready, again, suspects) == 0 and 1 or 0}
end

local set = wanted == 'S' and scheduled or wanted == 'L' and leases or dead
local page, ids, found, stale = redis.call('ZRANGE', set, 0, most - 1, 'WITHSCORES'), {}, {}, {}
for i = 1, #page, 2 do
  ids[#ids + 1] = string.sub(page[i], 1, 16)
end
local known = #ids > 0 and redis.call('HMGET', deliveries, unpack(fields(ids)))
for i = 1, #ids do
  local member, score = page[i * 2 - 1], page[i * 2]
  local message = {id = ids[i], record = known[i * 2 - 1], failure = known[i * 2]}
  local count, _, _, status, token = read_record(message.record)
  if wanted == 'S' then
    message.score = score
  elseif wanted == 'D' then
    message.time, message.note = score, redis.call('HGET', why, ids[i])
    local _, _, listed = read_note(message.note)
    message.listed = listed
  else
    message.member, message.deadline = member, score
  end
  if wanted == 'L' and count and (status ~= 'H' or token ~= string.sub(member, 17, 32)) then
    -- Left by a script that broke off: the message is elsewhere.
    stale[#stale + 1] = member
  else
    found[#found + 1] = message
  end
end
remove(keys, found, now)
if #stale > 0 then
  end_leases(redis.call, leases, stale)
end
return {#found, redis.call('EXISTS', set) == 0 and 1 or 0}
