-- Part of lease.lua: chooses messages from the heads of lists and gives each a token. Writes nothing.
-- Needs    record.lua.
-- Gives    chooser(messages, deliveries, dead, why, holder, fence, deadline, most_bytes, reply) -> found, choose.
--          holder and fence: the token of the first message, in 12 bytes and a number below 2^32; each further message gets the next. reply: each message is appended.
--          choose(list, redelivered, most) looks at up to 1,000 entries -> how many to drop from the list's head.
--          found, filled as choose goes: ids; members (deadlines and new leases); records, of those that had one; and, absent when there are none, unlisted (ids and notes
--          of dead letters whose entry is dropped), gone (ids of records without an envelope), never_leased and leased_before (entries without an envelope, from ready
--          and from the other lists), is_missing.
-- Keeps    a message is given once a call, however often it is listed. Entries of messages that are leased, dead or gone are passed over.
local function chooser(messages, deliveries, dead, why, holder, fence, deadline, most_bytes, reply)
  local ids_given, members, records = {}, {}, {}
  local found = {ids = ids_given, members = members, records = records}
  local given, bytes, seen = 0, 0, {}

  local function add(kind, value)
    found[kind] = found[kind] or {}
    table.insert(found[kind], value)
  end

  local function give(id, body, counts)
    local token = holder .. struct.pack('>I4', fence + given)
    local member = id .. token
    given = given + 1
    bytes = bytes + #body
    ids_given[given] = id
    members[given * 2 - 1] = deadline
    members[given * 2] = member
    if counts then
      seen[id] = true
      records[#records + 1] = id
      records[#records + 1] = counts .. 'H' .. token
      member = member .. counts
    end
    reply[given * 2 + 5] = member
    reply[given * 2 + 6] = body
  end

  -- The counts of a redelivered message, its new delivery included; nil when this entry is to be passed over.
  local function counts_of(id, record)
    local count, losses, generation, state = read_record(record)
    if seen[id] then
      return nil
    elseif count then
      -- Held already: listed twice by a script that broke off.
      return state ~= 'H' and struct.pack('>I4I4I4', count + 1, losses, generation) or nil
    elseif redis.call('ZSCORE', dead, id) then
      -- Dead-lettered by a late answer while it waited here.
      local record_then, reason, listed, error = read_note(redis.call('HGET', why, id))
      if listed then
        add('unlisted', id)
        add('unlisted', write_note(record_then, reason, false, error))
      end
      return nil
    end
    -- A script that lists an id here leaves a record with it, or unlists it: the records were evicted or deleted, and this one's deliveries are counted anew.
    -- Bytes that are no record are as good as none, and somebody else's doing.
    found.is_missing = found.is_missing or not record
    return struct.pack('>I4I4I4', 1, 0, 0)
  end

  local function choose(list, redelivered, most)
    local until_given, at = given + most, 0
    while given < until_given and bytes < most_bytes and at < 1000 do
      local ids = redis.call('LRANGE', list, at, at + math.min(until_given - given, 100) - 1)
      if #ids == 0 then
        break
      end
      local bodies = redis.call('HMGET', messages, unpack(ids))
      local known = redelivered and redis.call('HMGET', deliveries, unpack(ids))
      for i = 1, #ids do
        local body = bodies[i]
        at = at + 1
        if body then
          if redelivered then
            local counts = counts_of(ids[i], known[i])
            if counts then
              give(ids[i], body, counts)
            end
          else
            give(ids[i], body)
          end
          if bytes >= most_bytes then
            break
          end
        elseif not redelivered then
          add('never_leased', ids[i])
        else
          add('leased_before', ids[i])
          if known[i] then
            -- An ack and a deletion take the record with the envelope.
            found.is_missing = true
            add('gone', ids[i])
          end
        end
      end
    end
    return at
  end

  return found, choose
end
