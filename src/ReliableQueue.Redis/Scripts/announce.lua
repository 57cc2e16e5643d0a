-- Notes what a worker says of itself.
-- KEYS     meta, workers, workers:said
-- ARGV     session, for how long it counts in ms, concurrency(4)‖what it says
-- Reply    one text, OK
-- Keeps    the two keys bounded: each call drops up to 100 sessions whose time is over, this one as well when its time is 0.
local meta, workers, said = KEYS[1], KEYS[2], KEYS[3]
--#include numbers.lua
--#include clock.lua
--#include layout.lua

local kept = redis.call('HMGET', meta, 'clock', 'offset', 'layout', 'uses')
local refused = refusal(meta, kept[3], kept[4])
if refused then
  return refused
end

local now = clock(kept[1], kept[2])
-- The first write frees, so Redis lets the rest of the script run even when memory is full.
redis.call('ZREM', workers, '')
redis.call('HSET', said, ARGV[1], ARGV[3])
redis.call('ZADD', workers, digits(now + tonumber(ARGV[2])), ARGV[1])
local over = redis.call('ZRANGE', workers, '-inf', digits(now), 'BYSCORE', 'LIMIT', 0, 100)
if #over > 0 then
  redis.call('HDEL', said, unpack(over))
  redis.call('ZREM', workers, unpack(over))
end
return {'OK'}
