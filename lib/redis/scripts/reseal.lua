#!lua
-- Replaces records by others that hold the same, under another key or in a newer form. The session does not change by it:
-- no new version, no operation, no use.
--
--   KEYS[1]   the session
--   ARGV[1-2] as in includes/read.lua
--   ARGV[3…]  per record three: field; sha1 of the record that stands; record to put in its place
--
-- A record that is another one by now stays. Answers {'FOUND', version, life, records replaced}, or what includes/read.lua answers.

-- @include time
-- @include read

local replaced, bytes = 0, tonumber(head[6])
for i = 3, #ARGV, 3 do
  local record = redis.call('HGET', key, ARGV[i])
  if record == ARGV[i + 2] then
    -- By an earlier attempt whose reply was lost: no two are sealed alike.
    replaced = replaced + 1
  elseif record and redis.sha1hex(record) == ARGV[i + 1] then
    redis.call('HSET', key, ARGV[i], ARGV[i + 2])
    bytes = bytes + #ARGV[i + 2] - #record
    replaced = replaced + 1
  end
end
redis.call('HSET', key, 'b', text(bytes))
return { 'FOUND', version, life(0), replaced }
