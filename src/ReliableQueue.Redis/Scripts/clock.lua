-- Part of other scripts: the broker's clock, read once.
-- Needs    the values of meta 'clock' (highest time handed out) and 'offset'.
-- Gives    micros (the server's own time in µs) and clock(high, offset) -> now in ms, the offset to keep.
-- Keeps    now never falls below a time handed out before, whatever server a failover brings: the offset makes up for a clock that is behind.
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]

local function clock(high, offset)
  local now = math.floor(micros / 1000) + tonumber(offset or 0)
  local behind = tonumber(high or 0) - now
  if behind > 0 then
    return now + behind, tonumber(offset or 0) + behind
  end
  return now, tonumber(offset or 0)
end

-- Lua writes large numbers as 1.7e+15 unless told how.
local function digits(number)
  return string.format('%.0f', number)
end
