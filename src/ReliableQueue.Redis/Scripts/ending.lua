-- Part of other scripts: what happens when leases end, in whatever way: ack, settle, return, reclaim, delete.
-- Gives    end_leases(call, leases, members). call: redis.call, or a function that takes back what was done when the command fails.
-- Keeps    a lease goes after everything that depends on it, so a script that breaks off before leaves it standing, and its repetition or the end of its time
--          finishes the work. What a lease holds besides its message (a place in a limit, the turn of a group) is to be given back here and nowhere else.
local function end_leases(call, leases, members)
  call('ZREM', leases, unpack(members))
end
