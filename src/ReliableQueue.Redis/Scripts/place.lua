-- Part of other scripts: chooses the place of a message that was leased, scheduled or dead, and is the only one that writes it there.
-- Needs    numbers.lua, record.lua, attempt.lua, ending.lua, schedule.lua.
-- Gives    new_moves() -> an empty collection. A script adds moves to it in any order, before it writes anything:
--            to_ready(moves, id, losses, first)          behind what waits already, or before it
--            to_scheduled(moves, id, due)
--            to_dead(moves, id, note, record, member)    with the record it has, or nil, and its lease
--            is_gone(moves, id)                          its envelope and record go
--            from_scheduled(moves, id, due)              it was scheduled
--            from_dead(moves, id, time)                  it was dead
--            keep(moves, id, record, failure)            its new record, and why its delivery failed, or nil
--            forget(moves, id)                           its record goes
--            end_with_record(moves, id, record, member)  its lease goes in the same breath as its record
--            end_lease(moves, member)                    last of all
--          commit(moves, keys, now) writes all of it -> whether a list was empty before, or a message is due before all others now. keys: the keys of the queue by name.
-- Keeps    one order of writes, in which a failure at any call leaves every message in one place: what can be written twice without harm comes first; then dead
--          letters with their record and lease; then the lists, the places that messages came from, and the records, which say that all this was written; the
--          other leases last.
--          No dead letter with a record: its id may still be in a list, and the record would have it delivered. No dead letter with a lease: without a record, a
--          late ack by that lease would take its envelope. No note without a dead letter: nobody would remove it.
local function new_moves()
  return {
    again = {}, suspects = {}, again_first = {}, suspects_first = {}, scheduled = {}, due = {}, died = {}, dead = {}, notes = {},
    over = {}, known = {}, gone = {}, forgotten = {}, promoted = {}, unscheduled = {}, revived = {}, undead = {}, records = {}, ended = {},
  }
end

local function append(list, first, second)
  list[#list + 1] = first
  list[#list + 1] = second
end

local function to_ready(moves, id, losses, first)
  if first then
    -- The first of a call is pushed last, so that it comes to stand before the others.
    table.insert(losses >= 2 and moves.suspects_first or moves.again_first, 1, id)
  else
    append(losses >= 2 and moves.suspects or moves.again, id)
  end
end

local function to_scheduled(moves, id, due)
  append(moves.due, id)
  append(moves.scheduled, digits(due), id)
end

local function forget(moves, id)
  append(moves.forgotten, id)
end

local function end_with_record(moves, id, record, member)
  forget(moves, id)
  append(moves.over, member)
  if record then
    append(moves.known, id, record)
  end
end

local function to_dead(moves, id, note, record, member)
  append(moves.died, id)
  append(moves.notes, id, note)
  end_with_record(moves, id, record, member)
end

local function is_gone(moves, id)
  append(moves.gone, id)
  forget(moves, id)
end

local function from_scheduled(moves, id, due)
  append(moves.promoted, id)
  append(moves.unscheduled, due, id)
end

local function from_dead(moves, id, time)
  append(moves.revived, id)
  append(moves.undead, time, id)
end

local function keep(moves, id, record, failure)
  append(moves.records, id, record)
  if failure then
    append(moves.records, id .. 'e', failure)
  end
end

local function end_lease(moves, member)
  append(moves.ended, member)
end

-- Writes dead letters with their notes, and takes their records and leases: all of it or nothing.
local function commit_dead(undo, moves, keys, now)
  local before = #undo
  if #moves.died > 0 then
    for i = 1, #moves.died do
      append(moves.dead, digits(now), moves.died[i])
    end
    attempt(undo, 'HSET', keys.why, unpack(moves.notes))
    append(undo, function() redis.pcall('HDEL', keys.why, unpack(moves.died)) end)
    attempt(undo, 'ZADD', keys.dead, unpack(moves.dead))
    append(undo, function() redis.pcall('ZREM', keys.dead, unpack(moves.died)) end)
  end
  if #moves.forgotten > 0 then
    attempt(undo, 'HDEL', keys.deliveries, unpack(fields(moves.forgotten)))
  end
  if #moves.over > 0 then
    if #moves.known > 0 then
      append(undo, function() redis.pcall('HSET', keys.deliveries, unpack(moves.known)) end)
    end
    end_leases(function(...) return attempt(undo, ...) end, keys.leases, moves.over)
  end
  for i = #undo, before + 1, -1 do
    undo[i] = nil
  end
end

local function commit(moves, keys, now)
  local undo, sooner = {}, false
  if #moves.due > 0 then
    sooner = schedule(undo, keys.scheduled, moves.scheduled, moves.due)
  end
  if #moves.gone > 0 then
    attempt(undo, 'HDEL', keys.messages, unpack(moves.gone))
  end
  commit_dead(undo, moves, keys, now)

  local woke = push(undo, 'RPUSH', keys.again, moves.again) or sooner
  woke = push(undo, 'RPUSH', keys.suspects, moves.suspects) or woke
  woke = push(undo, 'LPUSH', keys.again, moves.again_first) or woke
  woke = push(undo, 'LPUSH', keys.suspects, moves.suspects_first) or woke
  if #moves.promoted > 0 then
    attempt(undo, 'ZREM', keys.scheduled, unpack(moves.promoted))
    append(undo, function() redis.pcall('ZADD', keys.scheduled, unpack(moves.unscheduled)) end)
  end
  if #moves.records > 0 then
    attempt(undo, 'HSET', keys.deliveries, unpack(moves.records))
  end
  if #moves.revived > 0 then
    append(undo, function() redis.pcall('HDEL', keys.deliveries, unpack(moves.revived)) end)
    attempt(undo, 'ZREM', keys.dead, unpack(moves.revived))
    append(undo, function() redis.pcall('ZADD', keys.dead, unpack(moves.undead)) end)
    attempt(undo, 'HDEL', keys.why, unpack(moves.revived))
  end

  -- Everything is written: from here on a failure leaves leases that the repetition of the call, or the end of their time, removes.
  if #moves.ended > 0 then
    end_leases(redis.call, keys.leases, moves.ended)
  end
  if #moves.again_first > 0 then
    redis.call('HINCRBY', keys.meta, 'taken:again', -#moves.again_first)
  end
  if #moves.suspects_first > 0 then
    redis.call('HINCRBY', keys.meta, 'taken:suspects', -#moves.suspects_first)
  end
  return woke
end
