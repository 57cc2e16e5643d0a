-- Reads one page of the messages of a state.
-- KEYS     meta, messages, deliveries, ready, again, suspects, scheduled, leases, dead, why
-- ARGV     state (R ready, S scheduled, L leased, D dead-lettered), most messages, cursor: for R the list (s suspects, a again, r ready) and a position in it or '',
--          otherwise a score and a member; two empty texts for the first page
-- Reply    two texts of the next cursor, both empty behind the last page; then three items per message (views.lua)
-- Keeps    writes nothing and looks at no more than 1,000 entries. A message that is in that state the whole time is passed over by no page: a position in a list
--          counts what has left the list's head since the queue began (meta.taken), and a sorted set goes on behind the score and member that were read last.
local meta, messages, deliveries, ready, again, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local state, most, place, position = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
--#include numbers.lua
--#include layout.lua
--#include record.lua
--#include views.lua

local known = redis.call('HMGET', meta, 'layout', 'uses', 'taken', 'taken:again', 'taken:suspects')
local refused = refusal(meta, known[1], known[2])
if refused then
  return refused
end

local reply = {'', ''}
local show = viewer(messages, deliveries, KEYS[9], KEYS[10], reply)

if state == 'R' then
  local lists = {
    {name = 's', key = suspects, taken = tonumber(known[5] or 0), listed = true}, {name = 'a', key = again, taken = tonumber(known[4] or 0), listed = true},
    {name = 'r', key = ready, taken = tonumber(known[3] or 0), listed = false},
  }
  local looked = 0
  for _, list in ipairs(lists) do
    if place == '' or place == list.name then
      place = ''
      local index = position == '' and 0 or math.max(tonumber(position) - list.taken, 0)
      position = ''
      while true do
        -- Rounded, because Garnet writes the result of a division as 1.0, which is no index.
        local shown = math.floor((#reply - 2) / 3)
        if shown >= most or looked >= 1000 then
          reply[1], reply[2] = list.name, digits(list.taken + index)
          return reply
        end
        local ids, entries = redis.call('LRANGE', list.key, index, index + math.min(most - shown, 100) - 1), {}
        if #ids == 0 then
          break
        end
        for i = 1, #ids do
          entries[i] = {id = ids[i]}
        end
        local seen = show('R', entries, list.listed)
        index, looked = index + seen, looked + seen
        if seen < #ids then
          reply[1], reply[2] = list.name, digits(list.taken + index)
          return reply
        end
      end
    end
  end
  return reply
end

local set = state == 'S' and KEYS[7] or state == 'L' and KEYS[8] or KEYS[9]

-- Whether one member comes before another in the order of Redis, which is that of their bytes. Lua compares by the server's language.
local function is_before(one, other)
  for i = 1, math.min(#one, #other) do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then
      return a < b
    end
  end
  return #one < #other
end

-- The rank of the first entry behind a score and member, whether or not that member is still there.
local function rank_behind(score, member)
  local low, high = redis.call('ZCOUNT', set, '-inf', '(' .. score), redis.call('ZCOUNT', set, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_before(member, redis.call('ZRANGE', set, middle, middle)[1]) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local rank = place == '' and 0 or rank_behind(place, position)
local page, entries = redis.call('ZRANGE', set, rank, rank + most - 1, 'WITHSCORES'), {}
for i = 1, #page, 2 do
  entries[#entries + 1] = {id = string.sub(page[i], 1, 16), time = page[i + 1], token = state == 'L' and string.sub(page[i], 17, 32) or nil}
end
local seen = show(state, entries, false)
if seen > 0 and redis.call('ZCARD', set) > rank + seen then
  reply[1], reply[2] = page[seen * 2], page[seen * 2 - 1]
end
return reply
