-- Part of other scripts: whole numbers as bytes and as text.
-- Gives    pack64(number) -> 8 bytes, big-endian; unpack64(bytes, at) -> the number; digits(number) -> its decimal text.
-- Keeps    numbers below 2^53 exact: bytes in two halves, because Lua 5.1 knows only doubles, and text without the exponent that Lua gives large numbers.
local function pack64(number)
  return struct.pack('>I4I4', math.floor(number / 4294967296), number % 4294967296)
end

local function unpack64(bytes, at)
  local high, low = struct.unpack('>I4I4', bytes, at)
  return high * 4294967296 + low
end

local function digits(number)
  return string.format('%.0f', number)
end
