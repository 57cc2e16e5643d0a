-- Finds one message in whatever state it is.
-- KEYS     meta, messages, deliveries, scheduled, leases, dead, why
-- ARGV     id, cursor ('0' at first)
-- Reply    '0' and three items (views.lua); '0' alone when it is not there; another cursor when more leases are to be searched: call again with it
-- Keeps    writes nothing.
local meta, messages, deliveries, scheduled, leases, dead, why = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local id = ARGV[1]
--#include numbers.lua
--#include layout.lua
--#include record.lua
--#include views.lua
--#include search.lua

local known = redis.call('HMGET', meta, 'layout', 'uses')
local refused = refusal(meta, known[1], known[2])
if refused then
  return refused
end

local reply = {'0'}
local show = viewer(messages, deliveries, dead, why, reply)
local time = redis.call('ZSCORE', dead, id)
if time then
  show('D', {{id = id, time = time}}, false)
  return reply
end
time = redis.call('ZSCORE', scheduled, id)
if time then
  show('S', {{id = id, time = time}}, false)
  return reply
end

local count, _, _, state, token = read_record(redis.call('HGET', deliveries, id))
time = count and state == 'H' and redis.call('ZSCORE', leases, id .. token)
if time then
  show('L', {{id = id, time = time, token = token}}, false)
elseif count or redis.call('HEXISTS', messages, id) == 0 then
  show('R', {{id = id}}, false)
else
  local wanted = {[id] = true}
  local cursor = find_leases(leases, ARGV[2], wanted)
  local lease = wanted[id] ~= true and wanted[id]
  if lease then
    show('L', {{id = id, time = lease.deadline, token = string.sub(lease.member, 17, 32)}}, false)
  elseif cursor ~= '0' then
    reply[1] = cursor
  else
    show('R', {{id = id}}, false)
  end
end
return reply
