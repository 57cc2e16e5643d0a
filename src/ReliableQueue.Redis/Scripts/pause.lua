-- Pauses a queue or lets it go on. A lease call reclaims and promotes while a queue is paused, and gives out nothing.
-- KEYS     meta, leases
-- ARGV     'resume', 'until-resumed', or a time in ms; epoch if there is none yet; hint channel
-- Reply    one text, OK
-- Keeps    a pause for a time ends by the broker's clock, without anybody. A queue that is paused before its first message has an epoch, as every queue in use has.
local meta = KEYS[1]
--#include numbers.lua
--#include clock.lua
--#include layout.lua

local state = redis.call('HMGET', meta, 'layout', 'uses', 'epoch', 'clock', 'offset')
local refused = refusal(meta, state[1], state[2])
if refused then
  return refused
end

-- The first write frees, so Redis lets the rest of the script run even when memory is full.
redis.call('ZREM', KEYS[2], '')
if not state[3] then
  redis.call('HSET', meta, 'epoch', ARGV[2], 'layout', known_layout, 'reader', lowest_reader)
end
if ARGV[1] == 'resume' then
  redis.call('HDEL', meta, 'paused')
elseif ARGV[1] == 'until-resumed' then
  redis.call('HSET', meta, 'paused', ARGV[1])
else
  local now, offset = clock(state[4], state[5])
  redis.call('HSET', meta, 'paused', digits(now + tonumber(ARGV[1])), 'clock', digits(now), 'offset', digits(offset))
end
redis.pcall('PUBLISH', ARGV[3], 'control')
return {'OK'}
