-- Extends leases to a whole visibility timeout from now.
-- KEYS     leases, deliveries, meta
-- ARGV     visibility timeout in ms, then lease members
-- Reply    one text with a digit per member: 0 lost, 1 renewed
-- Keeps    only the newest token of a message is extended, and no lease is made: one that was reclaimed stays gone.
local leases, deliveries, meta = KEYS[1], KEYS[2], KEYS[3]
--#include numbers.lua
--#include clock.lua
--#include record.lua

local kept = redis.call('HMGET', meta, 'clock', 'offset')
local now, offset = clock(kept[1], kept[2])
local deadline = digits(now + tonumber(ARGV[1]))
local ids, results, extended = {}, {}, {}
for i = 2, #ARGV do
  ids[i - 1] = string.sub(ARGV[i], 1, 16)
end

local scores = redis.call('ZMSCORE', leases, unpack(ARGV, 2))
local known = redis.call('HLEN', deliveries) > 0 and redis.call('HMGET', deliveries, unpack(ids))
for i = 1, #ids do
  local member, holds = ARGV[i + 1], scores[i]
  if holds and known then
    local count, _, _, state, holder = read_record(known[i])
    holds = not count or (state == 'H' and holder == string.sub(member, 17, 32))
  end
  results[i] = holds and '1' or '0'
  if holds then
    extended[#extended + 1] = deadline
    extended[#extended + 1] = member
  end
end

if #extended > 0 then
  -- The first write frees, so Redis lets the rest of the script run even when memory is full.
  redis.call('ZREM', leases, '')
  redis.call('HSET', meta, 'clock', digits(now), 'offset', digits(offset))
  redis.call('ZADD', leases, 'XX', unpack(extended))
end
return {table.concat(results)}
