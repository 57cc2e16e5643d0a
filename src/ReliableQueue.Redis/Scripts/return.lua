-- Takes back up to 500 messages of a session that is over, as worker losses, and fences the session.
-- KEYS     leases, messages, deliveries, again, suspects, dead, why, meta, calls, workers, workers:said
-- ARGV     session, field of the session's mark, hint channel, delivery limit
-- Reply    returned, dead-lettered, complete (0 or 1), the highest call number remembered of the session's lanes 0 to 15,
--          regressed (0 or 1): whether the last call of one of them skipped a number, or a message is missing
-- Keeps    the session is fenced before anything is taken from it. The mark holds how far the leases were searched, at most 10,000 a call.
local keys = {
  leases = KEYS[1], messages = KEYS[2], deliveries = KEYS[3], again = KEYS[4], suspects = KEYS[5], dead = KEYS[6], why = KEYS[7], meta = KEYS[8],
}
local leases, calls = KEYS[1], KEYS[9]
local session, mark = ARGV[1], ARGV[2]
--#include numbers.lua
--#include clock.lua
--#include layout.lua
--#include attempt.lua
--#include record.lua
--#include ending.lua
--#include schedule.lua
--#include place.lua
--#include loss.lua

local state = redis.call('HMGET', keys.meta, 'layout', 'uses', 'clock', 'offset')
local refused = refusal(keys.meta, state[1], state[2])
if refused then
  return refused
end

local now = clock(state[3], state[4])
-- By name, not by a search: a day of short-lived producers leaves hundreds of thousands of lanes.
local lanes, last_call, regressed = {}, 0, 0
for lane = 0, 15 do
  lanes[lane + 1] = session .. string.char(0, lane)
end
local known = redis.call('HMGET', calls, unpack(lanes))
for i = 1, #lanes do
  if known[i] then
    last_call = math.max(last_call, unpack64(known[i], 1))
    regressed = math.max(regressed, tonumber(string.sub(known[i], 17, 17)))
  end
end

-- The first write frees, so Redis lets the rest of the script run even when memory is full.
redis.call('ZREM', leases, '')

-- A cursor means another place after a restart of the server, which hashes with another seed. So a pass of several calls counts only when it found nothing: one
-- that took something is followed by another. What a restart hides from a pass that found nothing, too, runs out as any lease does; its session is fenced.
local stored = redis.call('HGET', calls, mark)
local cursor, dirty, lost = string.match(stored and string.sub(stored, 17) or '0', '^(%d+)(f?)(m?)')
local whole = cursor == '0' and dirty == ''
local stamp = pack64(0) .. pack64(now)
redis.call('HSET', calls, mark, stamp .. cursor .. dirty .. lost)

local mine, taken, complete = {}, {}, 0
for _ = 1, 50 do
  local page = redis.call('ZSCAN', leases, cursor, 'COUNT', 200)
  local found = {}
  for i = 1, #page[2], 2 do
    local member = page[2][i]
    if string.sub(member, 17, 24) == session and not taken[member] then
      found[#found + 1] = member
    end
  end
  dirty = #found > 0 and 'f' or dirty
  local room = 500 - #mine
  for i = 1, math.min(#found, room) do
    mine[#mine + 1] = found[i]
    taken[found[i]] = true
  end
  if #found > room then
    -- The rest of this page is found again from the same cursor.
    break
  end
  cursor = page[1]
  if cursor == '0' then
    if whole or dirty == '' then
      complete, dirty = 1, ''
      break
    end
    whole, dirty = true, ''
  end
end

-- Its worker is gone: it is no longer listed.
redis.call('ZREM', KEYS[10], session)
redis.call('HDEL', KEYS[11], session)
local returned, dead_lettered, woke, missing = lose(keys, mine, tonumber(ARGV[4]), now)
-- Kept, because the answer that says it may be lost with its lease gone.
lost = missing and 'm' or lost
redis.call('HSET', calls, mark, stamp .. cursor .. dirty .. lost)
if woke then
  redis.pcall('PUBLISH', ARGV[3], '')
end
return {returned, dead_lettered, complete, last_call, lost == 'm' and 1 or regressed}
