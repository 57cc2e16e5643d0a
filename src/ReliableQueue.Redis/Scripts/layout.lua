-- Part of other scripts: whether this client may use a queue. Of meta: layout is the version of the queue's layout, reader the lowest version that may use it,
-- uses the sum of the bits of the features in use, absent when there are none. RedisLayout has the same numbers, and a test compares them.
-- Gives    known_layout, lowest_reader: what a new queue gets; refusal(meta, layout, uses) -> nil, or what the script answers instead of working: an error, or
--          'RQMIGRATE' and the layout of a queue that is older than this client.
-- Keeps    a client that is too old, or does not know a feature, changes nothing and says what to do. It may renew and settle what it holds: those scripts do not ask.
local known_layout, lowest_reader, known_uses = '1', '1', 0

local function refusal(meta, layout, uses)
  if (not layout or layout == known_layout) and not uses then
    return nil
  end

  local version, reader = tonumber(layout or known_layout), redis.call('HGET', meta, 'reader') or layout
  if version < tonumber(known_layout) then
    return {'RQMIGRATE', layout}
  end

  local advice = '. Update this application: until then it renews and settles the messages it holds, and takes no others'
  if tonumber(reader) > tonumber(known_layout) then
    return redis.error_reply(
      'RQVERSION The queue has layout ' .. layout .. ', for clients that know layout ' .. reader .. ' or later; this one knows layout ' .. known_layout .. advice)
  end

  local unknown = bit.band(tonumber(uses or 0), bit.bnot(known_uses))
  if unknown ~= 0 then
    return redis.error_reply('RQVERSION The queue uses features that this client does not know, bits ' .. unknown .. ' of meta.uses' .. advice)
  end
  return nil
end
