-- Ends deliveries whose messages were handled: the common case of settling, and the short way through it.
-- KEYS     leases, messages, deliveries
-- ARGV     lease members
-- Reply    one text with a digit per member: 0 stale, 1 settled, 2 already
-- Keeps    only the newest token of a message removes it. Everything is judged before the first write. The envelope goes first and the lease last: when the
--          script breaks off between, the lease without an envelope is dropped when it runs out, and the message is not delivered again. The first write
--          frees, so it works when memory is full.
local leases, messages, deliveries = KEYS[1], KEYS[2], KEYS[3]
local ids, handled, recorded, ended, results = {}, {}, {}, {}, {}
for i = 1, #ARGV do
  ids[i] = string.sub(ARGV[i], 1, 16)
end

local held = redis.call('ZMSCORE', leases, unpack(ARGV))
local known = redis.call('HLEN', deliveries) > 0 and redis.call('HMGET', deliveries, unpack(ids))
local count = 0
for i = 1, #ARGV do
  local record = known and known[i]
  local settled = held[i]
  if record and #record == 25 then
    local state, holder = struct.unpack('c1c16', record, 9)
    settled = (state == 'L' or state == 'R') and holder == string.sub(ARGV[i], 17)
  end
  if settled then
    if record then
      recorded[#recorded + 1] = ids[i]
    end
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
  if #recorded > 0 then
    redis.call('HDEL', deliveries, unpack(recorded))
  end
  redis.call('ZREM', leases, unpack(ended))
end
return {table.concat(results)}
