#!lua
-- Puts a summary in the place of another, and removes the messages it covers.
--
--   KEYS[1]   the session
--   ARGV[1-11] as in includes/write.lua
--   ARGV[12]   version of the summary to replace, '0' for none      ARGV[13]  last seq it covers
--   ARGV[14]  version of the session on which it is based
--   ARGV[15]  tokens      ARGV[16]  payload      ARGV[17]  most bytes kept
--
-- A summary record is '1 <version> <written at, ms> <covers seq> <tokens> <payload>'.
--
-- Answers {'STORED', version, life, messages removed, copy}, {'DUPLICATE', version, '', messages removed, copy, or nil when another
-- summary stands by now}, {'SUMMARY', version of the one that stands}, {'RANGE', from, to} for a seq it may not cover,
-- {'BASE', current} when a covered message was edited or removed since ARGV[14], or that is none of the versions remembered,
-- {'FULL'}, or what includes/write.lua answers. The copy is for copy-summary.lua, see includes/copy.lua.

-- @include time

-- @include copy

local function duplicate(version, number)
  local record = redis.call('HGET', KEYS[1], 'y')
  local stands = record and string.match(record, '^1 (%S+) ') == version
  return { 'DUPLICATE', version, '', number, stands and copy_of(record, redis.call('PEXPIRETIME', KEYS[1])) }
end

-- @include write
-- @include aside

if not live then
  return { 'ABSENT' }
end

local old = redis.call('HGET', key, 'y')
local old_version, old_covers = string.match(old or '', '^1 (%S+) %d+ (%d+) ')
if (old_version or '0') ~= ARGV[12] then
  return { 'SUMMARY', old_version or '0' }
end
local covers = tonumber(ARGV[13])
if covers > q or covers < tonumber(old_covers or 1) then
  return { 'RANGE', old_covers or '1', text(q) }
end
-- A version of another history has another chain.
local base = tonumber(string.match(ARGV[14], '^%d+'))
if version_at(base) ~= ARGV[14] or base < math.max(tonumber(redis.call('HGET', key, 'e') or 0), tonumber(head[10] or 0)) then
  return { 'BASE', current }
end

local covered, freed = {}, old and #old or 0
for seq = first, covers do
  local field = 'm:' .. text(seq)
  local message = redis.call('HGET', key, field)
  if message then
    covered[#covered + 1] = field
    freed = freed + #message
    look_at(field, message)
  end
end

if old then
  look_at('y', old)
end

local record = table.concat({ '1', version, now_text, ARGV[13], ARGV[15], ARGV[16] }, ' ')
b = b - freed + #record
if b > tonumber(ARGV[17]) and b > tonumber(head[6]) then
  return { 'FULL' }
end
n = n - #covered
first = math.max(first, covers + 1)
finish({ 'y', record }, #covered)
remove(covered)
put_aside()
return { 'STORED', version, life(), #covered, copy_of(record, expires) }
