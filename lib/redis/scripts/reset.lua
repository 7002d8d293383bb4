#!lua flags=allow-oom
-- Empties a session, or deletes it. One that does not exist is deleted in either case: a summary may have outlived it.
--
--   KEYS[1]   the session
--   ARGV[1-11] as in includes/write.lua
--   ARGV[12]   'clear' or 'delete'      ARGV[13]  how long the mark of a deletion stays at the least, in ms
--
-- What stays of a deleted session, for as long as it would have lived: v, k, q, the operations, and D, the version counter of
-- the deletion. Who was told of the session must find that it was deleted, and not lost. Lock and fence stay in either case.
--
-- Answers {'STORED', version, life or '', 1 when there was a session else 0, mark}, {'DUPLICATE', version, '', the same 1 or 0, mark}, or what
-- includes/write.lua answers. The mark is for copy-summary.lua, see includes/copy.lua. It runs also when Redis is
-- out of memory: it gives some back.

-- @include time
-- @include copy

local function duplicate(version, number)
  local q = redis.call('HGET', KEYS[1], 'q')
  return { 'DUPLICATE', version, '', number, mark_of(string.match(version, '^%d+'), q) }
end

-- @include write

local existed = live and 1 or 0
-- Names and values in turn.
local kept = {}
local function keep(name, value)
  if value then
    kept[#kept + 1] = name
    kept[#kept + 1] = value
  end
end
read_blocks()
for slot, block in pairs(blocks) do
  keep('o' .. slot, block)
end
keep('F', head[11])
keep('L', head[12])

local answer = ''
local stays = math.max(tonumber(ARGV[13]), redis.call('PTTL', key))
keep_expiry()
local moving = is_moving()
if not moving then
  redis.call('UNLINK', key)
end
local head_names = { 'v', '', 'k', '', 'q', '', 'D', '' }
if live and ARGV[12] == 'clear' then
  keep('c', head[7])
  keep('x', head[8])
  keep('U', head[9])
  keep('D', head[10])
  first, n, b = q + 1, 0, 0
  redis.call('HSET', key, unpack(kept))
  finish({ 'e', text(v) }, existed)
  head_names = { 'v', '', 'k', '', 'q', '', 'f', '', 'n', '', 'b', '', 'u', '', 'e', '' }
  answer = life()
else
  local slot, block = remembered(existed)
  redis.call('HSET', key, 'v', text(v), 'k', k, 'q', text(q), 'D', text(v), unpack(kept))
  redis.call('HSET', key, slot, block)
  redis.call('PEXPIRE', key, text(stays))
end
if moving then
  keep_only({ head_names, kept, { (remembered(existed)), '' } })
end
return { 'STORED', version, answer, existed, mark_of(text(v), text(q)) }
