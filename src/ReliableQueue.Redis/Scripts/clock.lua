-- Part of other scripts: the broker's clock. A script reads it once.
-- Gives    clock(high, offset) -> now in ms, the offset in ms to keep, the server's own time in µs.
--          high and offset are the fields clock and offset of meta: the highest time from which a deadline was counted, and what is added to the server's time.
-- Keeps    now never falls below that highest time, whatever server a failover brings: the offset makes up for a clock that is behind. So a script that stores a
--          deadline or a due time also stores clock (and offset, when it changed): a deadline counted from a time that nobody stored would come late.
local function clock(high, offset)
  local time = redis.call('TIME')
  local micros = time[1] * 1000000 + time[2]
  local kept = tonumber(offset or 0)
  local now = math.floor(micros / 1000) + kept
  local behind = tonumber(high or 0) - now
  if behind > 0 then
    return now + behind, kept + behind, micros
  end
  return now, kept, micros
end
