-- Part of scripts for operators: finds leases by the ids of their messages. Only the token in a message's record leads to its lease, and a first delivery has no record.
-- Gives    find_leases(leases, cursor, wanted) -> the next cursor, '0' when all were searched. wanted: id -> true; the lease that is found takes the place of true, as
--          {member, deadline}. A call looks at some 5,000 leases.
-- Keeps    a lease that stands the whole time is found by one of the calls, whatever happens to others meanwhile.
local function find_leases(leases, cursor, wanted)
  for _ = 1, 10 do
    local page = redis.call('ZSCAN', leases, cursor, 'COUNT', 500)
    for i = 1, #page[2], 2 do
      local id = string.sub(page[2][i], 1, 16)
      if wanted[id] then
        wanted[id] = {member = page[2][i], deadline = page[2][i + 1]}
      end
    end
    cursor = page[1]
    if cursor == '0' then
      break
    end
  end
  return cursor
end
