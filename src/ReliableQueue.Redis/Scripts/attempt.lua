-- Part of other scripts: what to take back when a later call fails, because Lua has no rollback.
-- Needs    the locals leases, deliveries, dead and why when it buries.
-- Gives    attempt(command, ...) -> its answer; push(command, list, ids) -> whether the list was empty before; bury(reasons, graves, forgotten, known, over),
--          which also removes the records of messages that are over and the leases of the buried, whose records are known. undo holds the commands that take
--          back what was done so far: a call that fails runs them, newest first, and ends the script.
-- Keeps    no id twice in the lists: a push is the one write that does harm when it is done again. No dead letter with a record: its id may still be in a list,
--          and the record would have it delivered. No dead letter with a lease: without a record, a late ack of that lease would take its envelope. No reason
--          without a dead letter: nobody would remove it.
local undo = {}

local function attempt(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then
    for i = #undo, 1, -1 do
      redis.pcall(unpack(undo[i]))
    end
    error(answer.err, 0)
  end
  return answer
end

local function push(command, list, ids)
  if #ids == 0 then
    return false
  end
  local length = attempt(command, list, unpack(ids))
  undo[#undo + 1] = command == 'RPUSH' and {'LTRIM', list, 0, -#ids - 1} or {'LTRIM', list, #ids, -1}
  return length == #ids
end

local function bury(reasons, graves, forgotten, known, over)
  local before, ids = #undo, {}
  for i = 2, #graves, 2 do
    ids[i / 2] = graves[i]
  end
  if #ids > 0 then
    attempt('HSET', why, unpack(reasons))
    undo[before + 1] = {'HDEL', why, unpack(ids)}
    attempt('ZADD', dead, unpack(graves))
    undo[before + 2] = {'ZREM', dead, unpack(ids)}
  end
  if #forgotten > 0 then
    attempt('HDEL', deliveries, unpack(forgotten))
  end
  if #over > 0 then
    undo[before + 3] = #known > 0 and {'HSET', deliveries, unpack(known)} or nil
    attempt('ZREM', leases, unpack(over))
  end
  undo[before + 3], undo[before + 2], undo[before + 1] = nil, nil, nil
end
