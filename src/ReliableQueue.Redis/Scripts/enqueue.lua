-- Stores messages as ready: all of them or none.
-- KEYS     meta, calls, messages, ready, again, deliveries
-- ARGV     lane field, call number, epoch if there is none yet, hint channel, then id and envelope of each message
-- Reply    standing (0 applied, 1 repeated, 2 already), epoch, regressed (0 or 1)
-- Keeps    an envelope is stored before its id is listed, and removed again when it cannot be. The call is remembered last: one that broke off is done again
--          whole, never half. The first write grows memory, so a full Redis refuses the call before anything is written.
local meta, calls, messages, ready, again, deliveries = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
--#include numbers.lua
--#include clock.lua
--#include layout.lua
--#include attempt.lua

local state = redis.call('HMGET', meta, 'epoch', 'layout', 'uses', 'clock', 'offset')
local refused = refusal(meta, state[2], state[3])
if refused then
  return refused
end

local epoch = state[1] or ARGV[3]
local number = tonumber(ARGV[2])
local stamp = redis.call('HGET', calls, ARGV[1])
local last = stamp and unpack64(stamp, 1) or 0
if number <= last then
  return {number == last and 1 or 2, epoch, number == last and tonumber(string.sub(stamp, 17, 17)) or 0}
end

local regressed = number > last + 1 and 1 or 0
local ids = {}
for i = 5, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end

-- A list that is none fails here, before anything is written.
redis.call('LLEN', ready)

local undo, woke = {}, false
if redis.call('HSET', messages, unpack(ARGV, 5)) == #ids then
  undo[1] = function() redis.pcall('HDEL', messages, unpack(ids)) end
  woke = push(undo, 'RPUSH', ready, ids)
else
--#include record.lua
  -- Some were here: this call broke off before. One that is not listed any more may be leased, so it gets a record, which ends that lease.
  local known = redis.call('HMGET', deliveries, unpack(ids))
  local unlisted, records = {}, {}
  for i = 1, #ids do
    if not known[i] and not redis.call('LPOS', ready, ids[i], 'RANK', -1, 'MAXLEN', 10000) then
      unlisted[#unlisted + 1] = ids[i]
      records[#records + 1] = ids[i]
      records[#records + 1] = write_record(0, 0, 0, 'N', no_token)
    end
  end
  if #unlisted > 0 then
    woke = push(undo, 'RPUSH', again, unlisted)
    attempt(undo, 'HSET', deliveries, unpack(records))
    -- To take the push back and not the records would lose the messages.
    undo = {}
  end
end

if not state[1] then
  attempt(undo, 'HSET', meta, 'epoch', epoch, 'layout', known_layout, 'reader', lowest_reader)
end

local now = clock(state[4], state[5])
if not stamp then
--#include lanes.lua
  forget_old(meta, calls, now)
end
attempt(undo, 'HSET', calls, ARGV[1], pack64(number) .. pack64(now) .. regressed)

if woke then
  -- Only a hint: a user without the right to publish still enqueues.
  redis.pcall('PUBLISH', ARGV[4], '')
end
return {0, epoch, regressed}
