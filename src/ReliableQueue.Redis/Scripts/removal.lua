-- Part of delete.lua and purge.lua: removes messages, in whatever state they are.
-- Needs    numbers.lua, record.lua, attempt.lua, ending.lua.
-- Gives    remove(keys, found, now). Each of found is {id, and what there is of it: record, failure, score (it is scheduled), time and note (it is dead), member and
--          deadline (it is leased), listed (its id stays in a list)}.
-- Keeps    the envelope goes last: a failure before that takes everything back, and after it nothing is left. Of an id that stays in a list, the mark in removed comes
--          first: without it, whoever meets the id would take the message for lost.
local function remove(keys, found, now)
  if #found == 0 then
    return
  end

  local ids, records = {}, {}
  local marks, listed, due, scheduled, died, dead, notes, noted, leased, ended = {}, {}, {}, {}, {}, {}, {}, {}, {}, {}
  local function add(pairs_of, names, is_there, first, second, name)
    if is_there then
      pairs_of[#pairs_of + 1] = first
      pairs_of[#pairs_of + 1] = second
      names[#names + 1] = name
    end
  end
  for i = 1, #found do
    local message = found[i]
    local id = message.id
    ids[i] = id
    add(marks, listed, message.listed, digits(now), id, id)
    add(due, scheduled, message.score, message.score, id, id)
    add(died, dead, message.time, message.time, id, id)
    add(notes, noted, message.note, id, message.note, id)
    add(leased, ended, message.member, message.deadline, message.member, message.member)
    add(records, {}, message.record, id, message.record, id)
    add(records, {}, message.failure, id .. 'e', message.failure, id)
  end

  local undo = {}
  if #listed > 0 then
    attempt(undo, 'ZADD', keys.removed, unpack(marks))
    undo[#undo + 1] = function() redis.pcall('ZREM', keys.removed, unpack(listed)) end
  end
  if #scheduled > 0 then
    attempt(undo, 'ZREM', keys.scheduled, unpack(scheduled))
    undo[#undo + 1] = function() redis.pcall('ZADD', keys.scheduled, unpack(due)) end
  end
  if #dead > 0 then
    attempt(undo, 'ZREM', keys.dead, unpack(dead))
    undo[#undo + 1] = function() redis.pcall('ZADD', keys.dead, unpack(died)) end
  end
  if #noted > 0 then
    attempt(undo, 'HDEL', keys.why, unpack(noted))
    undo[#undo + 1] = function() redis.pcall('HSET', keys.why, unpack(notes)) end
  end
  if #ended > 0 then
    end_leases(function(...) return attempt(undo, ...) end, keys.leases, ended)
    undo[#undo + 1] = function() redis.pcall('ZADD', keys.leases, unpack(leased)) end
  end
  if #records > 0 then
    attempt(undo, 'HDEL', keys.deliveries, unpack(fields(ids)))
    undo[#undo + 1] = function() redis.pcall('HSET', keys.deliveries, unpack(records)) end
  end
  attempt(undo, 'HDEL', keys.messages, unpack(ids))
end
