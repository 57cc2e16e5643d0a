-- Part of other scripts: the rule of a worker loss, for leases that ran out and for leases of a session that was returned.
-- Needs    numbers.lua, record.lua, attempt.lua, ending.lua, place.lua.
-- Gives    lose(keys, members, limit, now) -> how many messages went back to ready, how many were dead-lettered, whether a list was empty before, whether a message is
--          missing. members: at most 500 leases. limit: a message delivered this often is dead-lettered. The caller has made the first write, which frees.
-- Keeps    a lease that is not the newest of its message is only removed.
local function lose(keys, members, limit, now)
  if #members == 0 then
    return 0, 0, false, false
  end

  local ids = {}
  for i = 1, #members do
    ids[i] = string.sub(members[i], 1, 16)
  end

  local known = redis.call('HMGET', keys.deliveries, unpack(ids))
  local moves, returned, dead_lettered, missing = new_moves(), 0, 0, false
  for i = 1, #members do
    local id, token = ids[i], string.sub(members[i], 17, 32)
    local count, losses, generation, state, holder = read_record(known[i])
    if not count then
      count, losses, generation, state, holder = 1, 0, 0, 'H', token
    end

    if state ~= 'H' or holder ~= token then
      -- Left by a script that broke off: the message is elsewhere already.
      end_lease(moves, members[i])
    elseif redis.call('ZSCORE', keys.dead, id) then
      -- Ended by a settlement that broke off before it removed the lease.
      end_with_record(moves, id, known[i], members[i])
    elseif redis.call('HEXISTS', keys.messages, id) == 0 then
      -- Acked by a script that broke off and was not repeated; or the messages were evicted or deleted.
      missing = true
      forget(moves, id)
      end_lease(moves, members[i])
    elseif count >= limit then
      dead_lettered = dead_lettered + 1
      local said = last_failure(keys.deliveries, id, known[i])
      to_dead(moves, id, write_note(write_record(count, losses + 1, generation, 'D', token), 2, false, said), known[i], members[i])
    else
      returned = returned + 1
      to_ready(moves, id, losses + 1)
      keep(moves, id, write_record(count, losses + 1, generation, 'X', token))
      end_lease(moves, members[i])
    end
  end
  return returned, dead_lettered, commit(moves, keys, now), missing
end
