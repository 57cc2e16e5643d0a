-- Part of other scripts: takes messages back from workers that are gone.
-- Needs    the locals leases, messages, deliveries, again, suspects, dead, why; attempt.lua, numbers.lua. The caller has made the no-op first write.
-- Takes    lease members (at most 500), the delivery limit, the time.
-- Gives    how many went back to ready, how many were buried, whether a list was empty before, whether a message is missing.
-- Keeps    every message in a list or the dead letters before its lease goes. A lease that is not the newest of its message is only removed. What is pushed
--          is noted in the records at once after, and taken out again when that fails.
local function take_back(members, limit, now)
  if #members == 0 then
    return 0, 0, false, false
  end

  local ids = {}
  for i = 1, #members do
    ids[i] = string.sub(members[i], 1, 16)
  end

  local known = redis.call('HMGET', deliveries, unpack(ids))
  local backs, doubted, records, graves, reasons, forgotten, missing = {}, {}, {}, {}, {}, {}, false
  local buried, over = {}, {}

  -- Of a dead letter: its lease goes with its record.
  local function end_lease(i)
    over[#over + 1] = members[i]
    if known[i] then
      buried[#buried + 1] = ids[i]
      buried[#buried + 1] = known[i]
    end
  end

  for i = 1, #members do
    local id, token = ids[i], string.sub(members[i], 17)
    local count, losses, state, holder = 1, 0, 'L', token
    if known[i] and #known[i] == 25 then
      count, losses, state, holder = struct.unpack('>I4I4c1c16', known[i])
    end

    if state ~= 'L' or holder ~= token then
      -- Left by a script that broke off: the message is elsewhere already.
    elseif redis.call('ZSCORE', dead, id) then
      -- Ended by a settlement that broke off before it removed the lease.
      forgotten[#forgotten + 1] = id
      end_lease(i)
    elseif redis.call('HEXISTS', messages, id) == 0 then
      -- Acked by a script that broke off and was not repeated; or the messages were evicted or deleted.
      forgotten[#forgotten + 1] = id
      missing = true
    elseif count >= limit then
      graves[#graves + 1] = digits(now)
      graves[#graves + 1] = id
      reasons[#reasons + 1] = id
      reasons[#reasons + 1] = struct.pack('>I4I4', 2, count) .. token .. '-'
      forgotten[#forgotten + 1] = id
      end_lease(i)
    else
      local list = losses + 1 >= 2 and doubted or backs
      list[#list + 1] = id
      records[#records + 1] = id
      records[#records + 1] = struct.pack('>I4I4', count, losses + 1) .. 'R' .. token
    end
  end

  bury(reasons, graves, forgotten, buried, over)
  local woke = push('RPUSH', again, backs)
  woke = push('RPUSH', suspects, doubted) or woke
  if #records > 0 then
    attempt('HSET', deliveries, unpack(records))
  end
  undo = {}
  redis.call('ZREM', leases, unpack(members))
  return #backs + #doubted, #graves / 2, woke, missing
end
