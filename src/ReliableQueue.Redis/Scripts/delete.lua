-- Deletes messages by their ids, in whatever state they are.
-- KEYS     meta, messages, deliveries, scheduled, leases, dead, why, removed
-- ARGV     cursor ('0' at first), then up to 500 ids, each once
-- Reply    next cursor, a text with a digit per id: 0 not there, 1 deleted, 2 not yet known. While there is a 2, the next cursor is not '0': call again with it and with
--          those ids
-- Keeps    a lease goes with its message, so a late settlement finds neither and is answered with 'already' (removal.lua). Only the record of a message leads to its
--          lease: for those without one the leases are searched, some 5,000 a call, and until that has come to its end an id may be of a message never leased or of one
--          leased for the first time.
local meta, messages, deliveries, scheduled, leases, dead, why, removed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
--#include numbers.lua
--#include clock.lua
--#include layout.lua
--#include attempt.lua
--#include record.lua
--#include ending.lua
--#include search.lua
--#include removal.lua

local state = redis.call('HMGET', meta, 'layout', 'uses', 'clock', 'offset')
local refused = refusal(meta, state[1], state[2])
if refused then
  return refused
end

local now = clock(state[3], state[4])
local ids = {}
for i = 2, #ARGV do
  ids[i - 1] = ARGV[i]
end

local known = redis.call('HMGET', deliveries, unpack(fields(ids)))
local results, found, unknown, wanted = {}, {}, {}, {}
for i = 1, #ids do
  local id = ids[i]
  local message = {id = id, record = known[i * 2 - 1], failure = known[i * 2]}
  local count, _, _, status, token = read_record(message.record)
  message.time = redis.call('ZSCORE', dead, id)
  message.score = not message.time and redis.call('ZSCORE', scheduled, id)
  if redis.call('HEXISTS', messages, id) == 0 then
    results[i] = '0'
  elseif message.time then
    message.note = redis.call('HGET', why, id)
    local _, _, listed = read_note(message.note)
    message.listed = listed
  elseif count and status == 'H' then
    message.member = id .. token
    message.deadline = redis.call('ZSCORE', leases, message.member)
    message.member = message.deadline and message.member
  elseif not message.score and count then
    message.listed = true
  elseif not message.score then
    results[i] = '2'
    unknown[#unknown + 1] = i
    wanted[id] = true
  end
  if not results[i] then
    results[i] = '1'
    found[#found + 1] = message
  end
end

local cursor = '0'
if #unknown > 0 then
  cursor = find_leases(leases, ARGV[1], wanted)
  for _, i in ipairs(unknown) do
    local lease = wanted[ids[i]]
    if lease ~= true or cursor == '0' then
      results[i] = '1'
      found[#found + 1] = {
        id = ids[i], record = known[i * 2 - 1], failure = known[i * 2],
        member = lease ~= true and lease.member, deadline = lease ~= true and lease.deadline, listed = lease == true,
      }
    end
  end
end

if #found > 0 then
  -- The first write frees, so Redis lets the rest of the script run even when memory is full.
  redis.call('ZREM', leases, '')
  remove({scheduled = scheduled, dead = dead, why = why, leases = leases, deliveries = deliveries, messages = messages, removed = removed}, found, now)
end
return {cursor, table.concat(results)}
