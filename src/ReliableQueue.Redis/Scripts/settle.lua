-- Ends deliveries in any way.
-- KEYS     leases, messages, deliveries, again, suspects, scheduled, dead, why, meta
-- ARGV     hint channel, then per settlement: kind (A ack, T retry, E release, D dead-letter), lease member, delay in ms or reason, error ('-', or '+' and the text)
-- Reply    one text with a digit per settlement: 0 stale, 1 settled, 2 already
-- Keeps    only the newest token of a message settles it, once. Everything is judged before the first write, which frees; a message is in its new place before its
--          lease goes (place.lua).
local keys = {
  leases = KEYS[1], messages = KEYS[2], deliveries = KEYS[3], again = KEYS[4], suspects = KEYS[5], scheduled = KEYS[6], dead = KEYS[7], why = KEYS[8], meta = KEYS[9],
}
--#include numbers.lua
--#include clock.lua
--#include attempt.lua
--#include record.lua
--#include ending.lua
--#include schedule.lua
--#include place.lua

local kept = redis.call('HMGET', keys.meta, 'clock', 'offset')
local now, offset = clock(kept[1], kept[2])

-- What to do with one: its result and, when the message is there, its count, losses, generation, state and record.
local function judge(kind, id, token)
  if redis.call('HEXISTS', keys.messages, id) == 0 then
    return '2'
  end
  local record = redis.call('HGET', keys.deliveries, id)
  local count, losses, generation, state, holder = read_record(record)
  if count then
    if holder ~= token then
      return '0', count
    elseif state == 'T' or state == 'E' then
      return state == kind and '2' or '0', count
    elseif state == 'X' and (kind == 'T' or kind == 'E') then
      return '2', count
    end
    return '1', count, losses, generation, state, record
  end
  local dead = kind == 'D' and read_note(redis.call('HGET', keys.why, id))
  if dead and string.sub(dead, 14, 29) == token and redis.call('ZSCORE', keys.dead, id) then
    return '2', 1
  end
  return redis.call('ZSCORE', keys.leases, id .. token) and '1' or '0', 1, 0, 0, 'H'
end

local moves, results, is_delayed = new_moves(), {}, false

local function requeue(kind, id, token, delay, count, losses, generation, record, error)
  if kind == 'T' then
    losses = 0
  else
    count = count - 1
  end
  if delay > 0 then
    is_delayed = true
    to_scheduled(moves, id, now + delay)
  else
    to_ready(moves, id, losses, kind == 'E')
  end
  -- A release says nothing of why the delivery before it failed; a retry without an error takes back what an earlier one said.
  local failure = kind == 'T' and (record or error ~= '-') and pack64(now) .. error or nil
  keep(moves, id, write_record(count, losses, generation, kind, token), failure)
end

for i = 2, #ARGV, 4 do
  local kind, member, number, error = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  local id, token = string.sub(member, 1, 16), string.sub(member, 17, 32)
  local result, count, losses, generation, state, record = judge(kind, id, token)
  results[#results + 1] = result
  if result ~= '0' then
    -- Of one settled before too: the script may have broken off then, with only the lease left.
    end_lease(moves, member)
  end
  if result == '2' and not count then
    forget(moves, id)
  elseif result == '1' and kind == 'A' then
    is_gone(moves, id)
  elseif result == '1' and kind == 'D' then
    local said = error ~= '-' and error or last_failure(keys.deliveries, id, record)
    to_dead(moves, id, write_note(write_record(count, losses, generation, 'D', token), number, state == 'X', said), record, member)
  elseif result == '1' then
    requeue(kind, id, token, number, count, losses, generation, record, error)
  end
end

if #moves.ended > 0 then
  -- The first write frees, so Redis lets the rest of the script run even when memory is full.
  redis.call('ZREM', keys.leases, '')
  if is_delayed then
    redis.call('HSET', keys.meta, 'clock', digits(now), 'offset', digits(offset))
  end
  if commit(moves, keys, now) then
    redis.pcall('PUBLISH', ARGV[1], '')
  end
end
return {table.concat(results)}
