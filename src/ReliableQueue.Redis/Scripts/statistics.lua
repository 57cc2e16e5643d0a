-- Counts the messages of a queue.
-- KEYS     messages, ready, again, suspects, scheduled, leases, dead, removed, meta
-- ARGV     none
-- Reply    ready, scheduled, leased, dead-lettered, paused (0 or 1), then the ids at the heads of the lists
-- Keeps    writes nothing. Ready may count a few that a late ack or dead-letter ended while they waited; deleted ones it does not count.
local messages, scheduled, leases, dead, removed, meta = KEYS[1], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
--#include numbers.lua
--#include clock.lua
--#include layout.lua

local kept = redis.call('HMGET', meta, 'clock', 'offset', 'paused', 'layout', 'uses')
local refused = refusal(meta, kept[4], kept[5])
if refused then
  return refused
end

local now = clock(kept[1], kept[2])
local paused = kept[3] and (kept[3] == 'until-resumed' or tonumber(kept[3]) > now)
local listed = redis.call('LLEN', KEYS[2]) + redis.call('LLEN', KEYS[3]) + redis.call('LLEN', KEYS[4])
local counts = {
  math.max(listed - redis.call('ZCARD', removed), 0), redis.call('ZCARD', scheduled), redis.call('ZCARD', leases), redis.call('ZCARD', dead), paused and 1 or 0,
}
for i = 2, 4 do
  local head = redis.call('LINDEX', KEYS[i], 0)
  if head and redis.call('HEXISTS', messages, head) == 1 then
    counts[#counts + 1] = head
  end
end
return counts
