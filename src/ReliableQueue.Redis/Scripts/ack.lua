-- Ends deliveries whose messages were handled: the common case of settling, and the short way through it.
-- KEYS     leases, messages, deliveries
-- ARGV     lease members
-- Reply    one text with a digit per member: 0 stale, 1 settled, 2 already
-- Keeps    only the newest token of a message removes it. Everything is judged before the first write. The envelope goes first and the lease last: when the
--          script breaks off between, the lease without an envelope is dropped when it runs out, and the message is not delivered again. The first write
--          frees, so it works when memory is full.
local leases, messages, deliveries = KEYS[1], KEYS[2], KEYS[3]
--#include ending.lua

local ids, results, handled, ended, count = {}, {}, {}, {}, 0
for i = 1, #ARGV do
  ids[i] = string.sub(ARGV[i], 1, 16)
end

-- Which of them settle their message: a lease that stands, unless the message has a record, which knows better.
local settles = redis.call('ZMSCORE', leases, unpack(ARGV))
local recorded
if redis.call('HLEN', deliveries) > 0 then
--#include record.lua
  local known, with_record = redis.call('HMGET', deliveries, unpack(ids)), {}
  for i = 1, #ids do
    if known[i] then
      local count_so_far, _, _, state, holder = read_record(known[i])
      if count_so_far then
        settles[i] = (state == 'H' or state == 'X') and holder == string.sub(ARGV[i], 17, 32)
      end
      if settles[i] then
        with_record[#with_record + 1] = ids[i]
      end
    end
  end
  recorded = fields(with_record)
end

for i = 1, #ids do
  if settles[i] then
    count = count + 1
    handled[count] = ids[i]
    ended[count] = ARGV[i]
    results[i] = '1'
  else
    results[i] = redis.call('HEXISTS', messages, ids[i]) == 1 and '0' or '2'
  end
end

if count > 0 then
  redis.call('HDEL', messages, unpack(handled))
  if recorded and #recorded > 0 then
    redis.call('HDEL', deliveries, unpack(recorded))
  end
  end_leases(redis.call, leases, ended)
end
return {table.concat(results)}
