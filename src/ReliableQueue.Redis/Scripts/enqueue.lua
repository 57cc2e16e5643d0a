-- Stores messages as ready, or as scheduled when they have a delay: all of them or none.
-- KEYS     meta, calls, messages, ready, again, deliveries; scheduled, when any message has a delay
-- ARGV     lane field, call number, epoch if there is none yet, hint channel, then id and envelope of each message; last, when any has a delay: that of each in ms and a space
-- Reply    standing (0 applied, 1 repeated, 2 already), epoch, regressed (0 or 1)
-- Keeps    an envelope is stored before its id is listed, and removed again when it cannot be. The call is remembered last: one that broke off is done again
--          whole, never half. The first write grows memory, so a full Redis refuses the call before anything is written. A message with a delay gets a record, because
--          it comes to its first delivery by the list of those that were delivered before, where an id without one would be a loss.
local meta, calls, messages, ready, again, deliveries, scheduled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
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
local now, offset = clock(state[4], state[5])
local ids = {}
for i = 5, #ARGV - 1, 2 do
  ids[#ids + 1] = ARGV[i]
end

local prompt, delayed, entries, due = ids, {}, {}, {}
if #ARGV % 2 == 1 then
  local delays = string.gmatch(ARGV[#ARGV], '%d+')
  prompt = {}
  for i = 1, #ids do
    local id, delay = ids[i], tonumber(delays())
    if delay > 0 then
      delayed[#delayed + 1] = id
      due[id] = digits(now + delay)
      entries[#entries + 1] = due[id]
      entries[#entries + 1] = id
    else
      prompt[#prompt + 1] = id
    end
  end
end

-- A list that is none fails here, before anything is written.
redis.call('LLEN', ready)

local undo, woke = {}, false
if redis.call('HSET', messages, unpack(ARGV, 5, 4 + 2 * #ids)) == #ids then
  undo[1] = function() redis.pcall('HDEL', messages, unpack(ids)) end
  woke = push(undo, 'RPUSH', ready, prompt)
  if #delayed > 0 then
--#include record.lua
--#include schedule.lua
    local records = {}
    for i = 1, #delayed do
      records[i * 2 - 1] = delayed[i]
      records[i * 2] = write_record(0, 0, 0, 'N', no_token)
    end
    undo[#undo + 1] = function() redis.pcall('HDEL', deliveries, unpack(delayed)) end
    attempt(undo, 'HSET', deliveries, unpack(records))
    attempt(undo, 'HSET', meta, 'clock', digits(now), 'offset', digits(offset))
    woke = schedule(undo, scheduled, entries, delayed) or woke
  end
else
--#include record.lua
--#include schedule.lua
  -- Some were here: this call broke off before. One that is not listed any more may be leased, so it gets a record, which ends that lease. One with a delay that has no record, or
  -- an unused one and no place, was never scheduled.
  local known = redis.call('HMGET', deliveries, unpack(ids))
  local unlisted, records, unscheduled, later = {}, {}, {}, {}
  for i = 1, #ids do
    local id = ids[i]
    local counted, _, _, status = read_record(known[i])
    local is_lost = not counted
    if due[id] and counted then
      is_lost = status == 'N' and not redis.call('ZSCORE', scheduled, id) and not redis.call('LPOS', again, id, 'RANK', -1, 'MAXLEN', 10000)
    elseif is_lost and not due[id] then
      is_lost = not known[i] and not redis.call('LPOS', ready, id, 'RANK', -1, 'MAXLEN', 10000)
    end
    if is_lost then
      records[#records + 1] = id
      records[#records + 1] = write_record(0, 0, 0, 'N', no_token)
      if due[id] then
        unscheduled[#unscheduled + 1] = id
        later[#later + 1] = due[id]
        later[#later + 1] = id
      else
        unlisted[#unlisted + 1] = id
      end
    end
  end
  if #records > 0 then
    woke = push(undo, 'RPUSH', again, unlisted)
    attempt(undo, 'HSET', deliveries, unpack(records))
    -- To take the push back and not the records would lose the messages.
    undo = {}
  end
  if #unscheduled > 0 then
    attempt(undo, 'HSET', meta, 'clock', digits(now), 'offset', digits(offset))
    woke = schedule(undo, scheduled, later, unscheduled) or woke
    undo = {}
  end
end

if not state[1] then
  attempt(undo, 'HSET', meta, 'epoch', epoch, 'layout', known_layout, 'reader', lowest_reader)
end

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
