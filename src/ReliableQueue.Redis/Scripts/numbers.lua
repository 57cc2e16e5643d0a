-- Part of other scripts: whole numbers below 2^53 as 8 bytes, big-endian, in two halves because Lua 5.1 knows only doubles.
local function pack64(number)
  return struct.pack('>I4I4', math.floor(number / 4294967296), number % 4294967296)
end

local function unpack64(bytes, at)
  local high, low = struct.unpack('>I4I4', bytes, at)
  return high * 4294967296 + low
end
