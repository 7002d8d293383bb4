#!lua
-- Stores messages at the end of a session, all or none.
--
--   KEYS[1]   the session
--   ARGV[1-11] as in includes/write.lua
--   ARGV[12]   most messages kept      ARGV[13]  most bytes kept      ARGV[14]  'trim' or 'refuse'
--   ARGV[15]  last seq that the session must have, because the payloads are encrypted for their places, or ''
--   ARGV[16…] per message two: its head ('1u12', or '1u12 <createdAt in ms>') and its payload
--
-- Answers {'STORED', version, life, first seq, now in ms, messages trimmed}, {'DUPLICATE', version, '', first seq, a time at
-- or before it in ms, record or nil …}, {'SEQ', last seq} when it is another than ARGV[15], {'FULL'}, or what includes/write.lua answers.
local count = (#ARGV - 15) / 2

-- @include time

local function duplicate(version, number, block_time)
  local fields = {}
  local answer = { 'DUPLICATE', version, '', number, block_time }
  for i = 0, count - 1 do
    fields[#fields + 1] = 'm:' .. text(number + i)
    if #fields == 1000 or i == count - 1 then
      for _, record in ipairs(redis.call('HMGET', KEYS[1], unpack(fields))) do
        answer[#answer + 1] = record
      end
      fields = {}
    end
  end
  return answer
end

-- @include write

if ARGV[15] ~= '' and tonumber(ARGV[15]) ~= q then
  return { 'SEQ', q }
end

local id = string.sub(ARGV[3], 1, 16)
local fields, bytes = {}, 0
for i = 0, count - 1 do
  local start = ARGV[16 + 2 * i]
  if not string.find(start, ' ', 1, true) then
    start = start .. ' ' .. now_text
  end
  local record = start .. ' ' .. (i == 0 and id or id .. '.' .. i) .. ' ' .. ARGV[17 + 2 * i]
  fields[#fields + 1] = 'm:' .. text(q + 1 + i)
  fields[#fields + 1] = record
  bytes = bytes + #record
end

local max_messages, max_bytes, drop = tonumber(ARGV[12]), tonumber(ARGV[13]), nil
if n + count > max_messages or b + bytes > max_bytes then
  -- @include aside
  -- @include room
  drop = make_room(count, bytes, max_messages, max_bytes, ARGV[14] == 'refuse')
  if not drop then
    return { 'FULL' }
  end
end

local seq = q + 1
q, n, b = q + count, n + count, b + bytes
finish(fields, seq)
return { 'STORED', version, life(), seq, now_text, drop and drop() or 0 }
