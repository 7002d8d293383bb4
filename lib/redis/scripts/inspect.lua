-- Reads records as they stand, and those that were put aside.
--
--   KEYS[1]   the session
--   ARGV[1-2] as in includes/read.lua
--   ARGV[3…]  fields
--
-- Answers {'FOUND', version, life, {record, its sha1 …}, {line of the quarantine (see includes/aside.lua), its sha1 …}}, with '' twice
-- for a field that is gone, or what includes/read.lua answers.

-- @include time
-- @include read

local records = {}
for i = 3, #ARGV do
  local record = redis.call('HGET', key, ARGV[i])
  records[#records + 1] = record or ''
  records[#records + 1] = record and redis.sha1hex(record) or ''
end

local lines = {}
for line in string.gmatch(redis.call('HGET', key, 'Q') or '', '[^\n]+') do
  lines[#lines + 1] = line
  lines[#lines + 1] = redis.sha1hex(line)
end
return { 'FOUND', version, life(0), records, lines }
