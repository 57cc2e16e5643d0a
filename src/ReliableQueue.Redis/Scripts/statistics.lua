-- Counts the messages of a queue.
-- KEYS     messages, ready, again, suspects, scheduled, leases, dead
-- ARGV     none
-- Reply    ready, scheduled, leased, dead-lettered, then the ids at the heads of the lists
-- Keeps    writes nothing.
local counts = {
  redis.call('LLEN', KEYS[2]) + redis.call('LLEN', KEYS[3]) + redis.call('LLEN', KEYS[4]),
  redis.call('ZCARD', KEYS[5]), redis.call('ZCARD', KEYS[6]), redis.call('ZCARD', KEYS[7]),
}
for i = 2, 4 do
  local head = redis.call('LINDEX', KEYS[i], 0)
  if head and redis.call('HEXISTS', KEYS[1], head) == 1 then
    counts[#counts + 1] = head
  end
end
return counts
