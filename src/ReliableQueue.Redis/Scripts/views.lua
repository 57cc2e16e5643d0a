-- Part of scripts for operators: messages as they are shown.
-- Needs    numbers.lua, record.lua.
-- A view   three items of a reply: id(16)‖state(1)‖count(4)‖losses(4)‖generation(4)‖time(8)‖session(8)‖reason(4); error ('-', or '+' and the text); envelope.
--          State: R ready, S scheduled, L leased, D dead-lettered. Time: when it is due, its lease ends, or it was dead-lettered; 0 when it is ready.
-- Gives    viewer(messages, deliveries, dead, why, reply) -> show(state, entries, listed). Each entry is {id, time, token}: time as text and token where the state has
--          them; listed: the entries come from a list of redelivered messages. It appends a view of every entry that names a message in that state, and answers how
--          many entries it has looked at: all, unless 4 MiB of envelopes came first.
-- Keeps    writes nothing. Entries whose message is elsewhere by now, or gone, are passed over.
local function viewer(messages, deliveries, dead, why, reply)
  local bytes, no_session = 0, '\0\0\0\0\0\0\0\0'

  -- Whether the entry is of a message in that state, by its record.
  local function is_there(state, entry, listed, record_state, holder)
    if state == 'L' then
      return not record_state or (record_state == 'H' and holder == entry.token)
    elseif state == 'R' and listed then
      return record_state and record_state ~= 'H' or (not record_state and not redis.call('ZSCORE', dead, entry.id))
    end
    return true
  end

  local function view(state, entry, listed, body, record, failure)
    local count, losses, generation, record_state, holder = read_record(record)
    if not body or not is_there(state, entry, listed, record_state, holder) then
      return
    end

    local reason, error = 0, failure and string.sub(failure, 9) or '-'
    if state == 'D' then
      local last, why_dead, _, text = read_note(redis.call('HGET', why, entry.id))
      count, losses, generation = read_record(last)
      reason, error = why_dead or 0, text or '-'
    end
    if not count then
      -- No record: leased for the first time, or not at all. A dead letter without a note tells nothing.
      count, losses, generation = state == 'L' and 1 or 0, 0, 0
    end
    bytes = bytes + #body
    reply[#reply + 1] = entry.id .. state .. struct.pack('>I4I4I4', count, losses, generation) .. pack64(tonumber(entry.time or 0))
      .. (entry.token and string.sub(entry.token, 1, 8) or no_session) .. struct.pack('>I4', reason)
    reply[#reply + 1] = error
    reply[#reply + 1] = body
  end

  return function(state, entries, listed)
    for first = 1, #entries, 25 do
      local ids = {}
      for i = first, math.min(first + 24, #entries) do
        ids[#ids + 1] = entries[i].id
      end
      local bodies, known = redis.call('HMGET', messages, unpack(ids)), redis.call('HMGET', deliveries, unpack(fields(ids)))
      for i = 1, #ids do
        view(state, entries[first + i - 1], listed, bodies[i], known[i * 2 - 1], known[i * 2])
      end
      if bytes >= 4194304 then
        return math.min(first + 24, #entries)
      end
    end
    return #entries
  end
end
