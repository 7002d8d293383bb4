#!lua flags=allow-oom
-- Empties a session, or deletes it. One that does not exist is deleted in either case: a summary may have outlived it.
--
--   KEYS[1]   the session
--   ARGV[1-7] as in includes/write.lua
--   ARGV[8]   'clear' or 'delete'      ARGV[9]  how long the mark of a deletion stays, in ms
--
-- What stays of a deleted session: v, k, q, the operations, and D, the version counter of the deletion.
--
-- Answers {'STORED', version, 1 when there was a session else 0, mark}, {'DUPLICATE', version, the same 1 or 0, mark}, or what
-- includes/write.lua answers. The mark is for copy-summary.lua: '<version counter> <last seq> :'. It runs also when Redis is
-- out of memory: it gives some back.

-- @include time

local function duplicate(version, number)
  local q = redis.call('HGET', KEYS[1], 'q')
  return { 'DUPLICATE', version, number, string.match(version, '^%d+') .. ' ' .. q .. ' :' }
end

-- @include write

local existed = live and 1 or 0
local kept = {}
for i = 12, 19 do
  if head[i] then
    kept[#kept + 1] = 'o' .. (i - 12)
    kept[#kept + 1] = head[i]
  end
end

redis.call('UNLINK', key)
if live and ARGV[8] == 'clear' then
  for i, name in pairs({ [7] = 'c', [8] = 'x', [9] = 'U', [11] = 'D' }) do
    if head[i] then
      kept[#kept + 1] = name
      kept[#kept + 1] = head[i]
    end
  end
  first, n, b = q + 1, 0, 0
  redis.call('HSET', key, unpack(kept))
  finish({ 'e', text(v) }, existed)
else
  local slot, block = remembered(existed)
  redis.call('HSET', key, 'v', text(v), 'k', k, 'q', text(q), 'D', text(v), unpack(kept))
  redis.call('HSET', key, slot, block)
  redis.call('PEXPIRE', key, ARGV[9])
end
return { 'STORED', version, existed, text(v) .. ' ' .. text(q) .. ' :' }
