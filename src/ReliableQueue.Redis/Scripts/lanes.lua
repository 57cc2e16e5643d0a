-- Part of other scripts: what the hash calls remembers.
-- A lane   session(8)‖lane(2)  -> last number(8)‖time(8)‖regressed(1), for a lease call also first fence(8)‖ids(16 each).
-- A mark   session(8)‖'x'      -> 0(8)‖time(8)‖cursor text, 'f' when the search under way has found something, 'm' when a message was missing: the session
--          was returned and may lease no more.
-- Needs    numbers.lua.
-- Gives    forget_old(meta, calls, now): looks at some twenty old entries, on from where it stopped (meta.sweep), and drops lanes unseen for a day, marks for thirty.
-- Keeps    the hash bounded, because every new lane calls it. It never fails the call, whose work is done by then: not for a user who may not scan, not for an
--          entry that is none.
local function forget_old(meta, calls, now)
  local page = redis.pcall('HSCAN', calls, redis.call('HGET', meta, 'sweep') or '0', 'COUNT', 20)
  if page.err then
    return
  end
  local old = {}
  for i = 1, #page[2], 2 do
    local days = #page[2][i] == 10 and 1 or 30
    if #page[2][i + 1] >= 16 and unpack64(page[2][i + 1], 9) < now - days * 86400000 then
      old[#old + 1] = page[2][i]
    end
  end
  if #old > 0 then
    redis.pcall('HDEL', calls, unpack(old))
  end
  redis.pcall('HSET', meta, 'sweep', page[1])
end
