-- Part of other scripts: the record of a message. Nothing else reads or writes its bytes.
-- A record  hash deliveries, id -> count(4)‖losses(4)‖generation(4)‖state(1)‖token(16); id‖'e' -> time(8)‖error: why its last delivery failed.
--           Only a message that was requeued, or enqueued with a delay, has one. A message without a record that is leased is leased for the first time: count 1, losses 0, generation 0.
-- A note    hash dead:why, id -> record(29), state D‖reason(4)‖listed(1)‖error. Only of dead letters, which have no record. Listed is 1 when
--           the message was dead-lettered late, while it waited in a list: its id is still there, so a redrive must not list it a second time.
-- An error  '-', or '+' and the text, for people.
-- States    how the last lease stands or ended. Settlements have the same letters:
--           H held by token    X lost: the lease ran out or its session was returned    T retry    E release    A ack    D dead-letter
--           N not leased since the record was made, by a redrive, by an enqueue with a delay or by one that was repeated; then token is 16 zero bytes.
--           A is never stored, because an acked message is gone; D is stored in notes alone.
-- Gives     write_record, read_record (nothing when the bytes are no record), write_note, read_note; fields(ids) -> the fields of the records of these ids;
--           last_failure(deliveries, id, record) -> the error of a message that has this record, or none.
-- Keeps     bytes of another length are somebody else's doing, and as good as no record.
local record_bytes, no_token = 29, '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'

local function write_record(count, losses, generation, state, token)
  return struct.pack('>I4I4I4', count, losses, generation) .. state .. token
end

-- Count, losses, generation, state, token.
local function read_record(bytes)
  if bytes and #bytes == record_bytes then
    return struct.unpack('>I4I4I4c1c16', bytes)
  end
end

local function write_note(record, reason, listed, error)
  return record .. struct.pack('>I4', reason) .. (listed and '1' or '0') .. error
end

-- Record, reason, listed, error.
local function read_note(bytes)
  if bytes and #bytes > record_bytes + 5 then
    return string.sub(bytes, 1, record_bytes), struct.unpack('>I4', bytes, record_bytes + 1), string.sub(bytes, record_bytes + 5, record_bytes + 5) == '1',
      string.sub(bytes, record_bytes + 6)
  end
end

local function last_failure(deliveries, id, record)
  local failure = record and redis.call('HGET', deliveries, id .. 'e')
  return failure and string.sub(failure, 9) or '-'
end

local function fields(ids)
  local names = {}
  for i = 1, #ids do
    names[i * 2 - 1] = ids[i]
    names[i * 2] = ids[i] .. 'e'
  end
  return names
end
