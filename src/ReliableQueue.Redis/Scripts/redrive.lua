-- Puts dead letters back to ready: their counts begin anew, and their generation rises by one.
-- KEYS     meta, messages, deliveries, again, suspects, scheduled, leases, dead, why
-- ARGV     hint channel, then up to 500 ids, each once
-- Reply    one text with a digit per id: 0 no dead letter has this id, 1 redriven
-- Keeps    the dead letter is the stamp: when it is gone, the call has been done. A message is listed and has its new record before it is dead no more, and a failure
--          between takes both back (place.lua). One that was dead-lettered late is listed still, and is not listed twice.
local keys = {
  meta = KEYS[1], messages = KEYS[2], deliveries = KEYS[3], again = KEYS[4], suspects = KEYS[5], scheduled = KEYS[6], leases = KEYS[7], dead = KEYS[8], why = KEYS[9],
}
--#include numbers.lua
--#include clock.lua
--#include layout.lua
--#include attempt.lua
--#include record.lua
--#include ending.lua
--#include schedule.lua
--#include place.lua

local state = redis.call('HMGET', keys.meta, 'layout', 'uses', 'clock', 'offset')
local refused = refusal(keys.meta, state[1], state[2])
if refused then
  return refused
end

local now = clock(state[3], state[4])
local moves, results, redriven = new_moves(), {}, 0
for i = 2, #ARGV do
  local id = ARGV[i]
  local time = redis.call('HEXISTS', keys.messages, id) == 1 and redis.call('ZSCORE', keys.dead, id)
  results[#results + 1] = time and '1' or '0'
  if time then
    redriven = redriven + 1
    local last, _, listed = read_note(redis.call('HGET', keys.why, id))
    local _, _, generation = read_record(last)
    if not listed then
      to_ready(moves, id, 0)
    end
    keep(moves, id, write_record(0, 0, (generation or 0) + 1, 'N', no_token))
    from_dead(moves, id, time)
  end
end

if redriven > 0 then
  -- The first write frees, so Redis lets the rest of the script run even when memory is full.
  redis.call('ZREM', keys.leases, '')
  commit(moves, keys, now)
  redis.pcall('PUBLISH', ARGV[1], '')
end
return {table.concat(results)}
