-- Part of other scripts: writes messages that wait until they are due.
-- Needs    attempt.lua.
-- Gives    schedule(undo, set, entries, ids) -> whether one of them is due before all that waited already, so that who sleeps until then has to look before.
--          entries: due time and id of each, as ZADD takes them; undo then takes the ids out again.
local function schedule(undo, set, entries, ids)
  local first, sooner = tonumber(attempt(undo, 'ZRANGE', set, '0', '0', 'WITHSCORES')[2]) or math.huge, false
  for i = 1, #entries, 2 do
    sooner = sooner or tonumber(entries[i]) < first
  end
  attempt(undo, 'ZADD', set, unpack(entries))
  undo[#undo + 1] = function() redis.pcall('ZREM', set, unpack(ids)) end
  return sooner
end
