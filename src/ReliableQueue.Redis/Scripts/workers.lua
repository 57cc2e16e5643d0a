-- Lists the sessions that hold leases, and those that were announced.
-- KEYS     meta, leases, deliveries, workers, workers:said
-- ARGV     cursor ('0' at first)
-- Reply    next cursor ('0' when all leases were looked at), then per session: session, how many of these leases it holds, when the first of them ends in ms or -1,
--          concurrency(4)‖what it said of itself, or an empty text
-- Keeps    writes nothing. A call looks at some 5,000 leases, so the leases of a session may come in several answers; who was announced comes in the first.
local meta, leases, deliveries, workers, said = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
--#include numbers.lua
--#include clock.lua
--#include layout.lua
--#include record.lua

local kept = redis.call('HMGET', meta, 'clock', 'offset', 'layout', 'uses')
local refused = refusal(meta, kept[3], kept[4])
if refused then
  return refused
end

local sessions, reply, cursor = {}, {'0'}, ARGV[1]
local function of(session)
  sessions[session] = sessions[session] or {held = 0, first = -1, says = ''}
  return sessions[session]
end

if cursor == '0' then
  local now = clock(kept[1], kept[2])
  local announced = redis.call('ZRANGE', workers, '+inf', '(' .. digits(now), 'BYSCORE', 'REV', 'LIMIT', 0, 500)
  local says = #announced > 0 and redis.call('HMGET', said, unpack(announced))
  for i = 1, #announced do
    of(announced[i]).says = says[i] or ''
  end
end

for _ = 1, 10 do
  local page, ids = redis.call('ZSCAN', leases, cursor, 'COUNT', 500), {}
  for i = 1, #page[2], 2 do
    ids[#ids + 1] = string.sub(page[2][i], 1, 16)
  end
  for first = 1, #ids, 1000 do
    local last = math.min(first + 999, #ids)
    local known = redis.call('HMGET', deliveries, unpack(ids, first, last))
    for i = first, last do
      local member, deadline = page[2][i * 2 - 1], tonumber(page[2][i * 2])
      local count, _, _, state, token = read_record(known[i - first + 1])
      if not count or (state == 'H' and token == string.sub(member, 17, 32)) then
        local holder = of(string.sub(member, 17, 24))
        holder.held = holder.held + 1
        holder.first = holder.first < 0 and deadline or math.min(holder.first, deadline)
      end
    end
  end
  cursor = page[1]
  if cursor == '0' then
    break
  end
end

reply[1] = cursor
for session, holder in pairs(sessions) do
  reply[#reply + 1] = session
  reply[#reply + 1] = holder.held
  reply[#reply + 1] = digits(holder.first)
  reply[#reply + 1] = holder.says
end
return reply
