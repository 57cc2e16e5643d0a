-- Reads one page of dead letters, oldest first.
-- KEYS     messages, dead, why
-- ARGV     how many to skip, how many to read
-- Reply    per dead letter: id, time in ms, reason(4)‖count(4)‖token(16)‖error ('-' or '+' and the text), envelope
-- Keeps    writes nothing.
local page = redis.call('ZRANGE', KEYS[2], ARGV[1], ARGV[1] + ARGV[2] - 1, 'WITHSCORES')
local reply, ids = {}, {}
for i = 1, #page, 2 do
  ids[#ids + 1] = page[i]
end
if #ids == 0 then
  return reply
end

local bodies = redis.call('HMGET', KEYS[1], unpack(ids))
local reasons = redis.call('HMGET', KEYS[3], unpack(ids))
for i = 1, #ids do
  if bodies[i] then
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = page[i * 2]
    reply[#reply + 1] = reasons[i] or ''
    reply[#reply + 1] = bodies[i]
  end
end
return reply
