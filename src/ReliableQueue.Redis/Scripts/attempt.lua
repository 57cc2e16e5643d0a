-- Part of other scripts: calls whose failure takes back what was done before, because Lua has no rollback.
-- Gives    attempt(undo, command, ...) -> the answer. undo is a list of functions that the script fills as it goes, each taking back one write by redis.pcall:
--          when the call fails they run, newest first, and the script ends with the error. A list that is emptied says: from here on the script goes forward.
--          push(undo, command, list, ids) -> whether the list was empty before; undo then takes the ids out again.
-- Keeps    no id twice in the lists: a push is the one write that does harm when it is done again.
local function attempt(undo, ...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then
    for i = #undo, 1, -1 do
      undo[i]()
    end
    error(answer.err, 0)
  end
  return answer
end

local function push(undo, command, list, ids)
  if #ids == 0 then
    return false
  end
  local length = attempt(undo, command, list, unpack(ids))
  undo[#undo + 1] = function()
    if command == 'RPUSH' then
      redis.pcall('LTRIM', list, 0, -#ids - 1)
    else
      redis.pcall('LTRIM', list, #ids, -1)
    end
  end
  return length == #ids
end
