-- Ends deliveries whose messages were handled: the common case of settling, and the short way through it.
-- KEYS     leases, messages, deliveries
-- ARGV     lease members
-- Reply    one text with a digit per member: 0 stale, 1 settled, 2 already
-- Keeps    only the newest token of a message removes it. Removing a lease is the proof that it held; when the script breaks off after that, the leases
--          are put back as run out, so that no message is left without a lease or a list. The first write frees: it works when memory is full.
local leases, messages, deliveries = KEYS[1], KEYS[2], KEYS[3]
local ids, handled, recorded, results, ended = {}, {}, {}, {}, {}
for i = 1, #ARGV do
  ids[i] = string.sub(ARGV[i], 1, 16)
end

local function settle()
  local call, count = redis.call, 0
  local known = call('HLEN', deliveries) > 0 and call('HMGET', deliveries, unpack(ids))
  for i = 1, #ARGV do
    local record = known and known[i]
    local settled
    if record then
      local state, holder = struct.unpack('c1c16', record, 9)
      settled = (state == 'L' or state == 'R') and holder == string.sub(ARGV[i], 17)
      if settled then
        recorded[#recorded + 1] = ids[i]
      end
    elseif call('ZREM', leases, ARGV[i]) == 1 then
      settled = true
      ended[i] = ARGV[i]
    end
    if settled then
      count = count + 1
      handled[count] = ids[i]
      results[i] = '1'
    else
      results[i] = call('HEXISTS', messages, ids[i]) == 1 and '0' or '2'
    end
  end

  if #handled > 0 then
    redis.call('HDEL', messages, unpack(handled))
  end
  if #recorded > 0 then
    redis.call('HDEL', deliveries, unpack(recorded))
    redis.call('ZREM', leases, unpack(ARGV))
  end
end

local done, fault = pcall(settle)
if not done then
  for _, member in pairs(ended) do
    redis.call('ZADD', leases, 0, member)
  end
  error(fault)
end
return {table.concat(results)}
