-- The beginning of every write to a session. Reads only; the script goes on after it with everything validated but
-- its own part.
--
--   KEYS[1]  the session
--   ARGV[1]  ttl in ms            ARGV[2]  lifetime of a new session in ms
--   ARGV[3]  operation: 16 hex digits of its id's hash, 16 of its payload's digest
--   ARGV[4]  user id, or ''       ARGV[5]  expected version, or ''
--   ARGV[6]  for a session that does not exist: '' when the caller has not looked for a summary that outlived an
--            earlier one, '-' when there is none, else what stands under the summary's key
--   ARGV[7]  records that the caller could not read, see includes/aside.lua
--
-- Answers that end the script here:
--   {'OWNER'}              the session, or the summary that outlived it, belongs to another user
--   {'REUSED'}             the operation's id stands with another payload
--   {'DELETED'}            the operation was executed, and the session deleted after it
--   {'VERSION', current}   the expected version is not the current one
--   {'ABSENT'}             no session, and ARGV[6] is ''
--   duplicate(version, number, time) of the script, for an operation that is done already: the version and the number it
--                          was finished with, and the time of its block, in s
--
-- Defines: key, head, live (false for none), the counters that finish() writes back (v, k, q last seq,
-- first = f, n, b), version, expires, finish(fields, number), remove(fields).

local key = KEYS[1]
local head = redis.call('HMGET', key, 'v', 'k', 'q', 'f', 'n', 'b', 'c', 'x', 'U', 'e', 'D',
  'o0', 'o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7')
-- At the very millisecond of its end the key is still there; it is over all the same.
local ended = head[8] and tonumber(head[8]) <= now
if ended then
  head = {}
end
local live = head[7]

if head[9] and ARGV[4] ~= '' and head[9] ~= ARGV[4] then
  return { 'OWNER' }
end

-- An operation is 30 bytes: 8 of its id's hash, 8 of its payload's digest, a number, and the version it made (counter
-- and chain). A block is 4 bytes of time, in s, and up to 19 operations; 8 blocks in turn hold at least 134 of them.
local BLOCK, BLOCKS, ENTRY = 19, 8, 30
local function bytes8(hex)
  return struct.pack('>I4I4', tonumber(string.sub(hex, 1, 8), 16), tonumber(string.sub(hex, 9, 16), 16))
end
local operation = bytes8(string.sub(ARGV[3], 1, 16))
local digest = bytes8(string.sub(ARGV[3], 17, 32))

for i = 12, 19 do
  local block = head[i]
  local at = block and string.find(block, operation, 5, true)
  while at do
    if (at - 5) % ENTRY == 0 then
      local found, number, counter, high, low = struct.unpack('>c8I4I4I3I3', block, at + 8)
      if found ~= digest then
        return { 'REUSED' }
      end
      -- A deletion (see reset.lua) is done, however often the session was deleted since.
      if counter < tonumber(head[11] or 0) and ARGV[8] ~= 'delete' then
        return { 'DELETED' }
      end
      return duplicate(string.format('%.0f-%06x%06x', counter, high, low), number, struct.unpack('>I4', block))
    end
    at = string.find(block, operation, at + 1, true)
  end
end

local current = live and head[1] .. '-' .. head[2] or '0'
if ARGV[5] ~= '' and ARGV[5] ~= current then
  return { 'VERSION', current }
end

-- A deleted session leaves its counters behind, so one that is written again goes on from them. One that is gone
-- altogether goes on from the summary that outlived it.
local v, q, summary = tonumber(head[1] or 0), tonumber(head[3] or 0), nil
local owner = ARGV[4] ~= '' and ARGV[4] or nil
if not head[1] then
  if ARGV[6] == '' then
    return { 'ABSENT' }
  end
  local counter, covers, user, record = string.match(ARGV[6], '^(%d+) (%d+) ([^:]*):(.*)$')
  if counter then
    if user ~= '' and ARGV[4] ~= '' and user ~= ARGV[4] then
      return { 'OWNER' }
    end
    v, q = tonumber(counter), tonumber(covers)
    owner = user ~= '' and user or owner
    summary = record ~= '' and record or nil
  end
end

local ends = live and tonumber(head[8]) or now + tonumber(ARGV[2])
local expires = math.min(now + tonumber(ARGV[1]), ends)

local first = live and tonumber(head[4]) or q + 1
local n = live and tonumber(head[5]) or 0
local b = live and tonumber(head[6]) or (summary and #summary or 0)

v = v + 1
local k = string.sub(redis.sha1hex((head[2] or '') .. ARGV[3] .. time[1] .. '.' .. time[2]), 1, 12)
local version = text(v) .. '-' .. k

-- The block of operations with this one in it, as two arguments of HSET.
local function remembered(number)
  local slot = math.floor((v - 1) / BLOCK) % BLOCKS
  local block = (v - 1) % BLOCK > 0 and head[12 + slot] or struct.pack('>I4', tonumber(time[1]))
  return 'o' .. slot, block .. operation .. digest .. struct.pack('>I4I4I3I3', number, v,
    tonumber(string.sub(k, 1, 6), 16), tonumber(string.sub(k, 7, 12), 16))
end

-- Writes a live session: its head, the operation with its number, and `fields` (names and values in turn), then the
-- expiry. What a new session needs is added here.
local function finish(fields, number)
  if ended then
    redis.call('UNLINK', key)
  end
  local slot, block = remembered(number)
  local args = { 'v', text(v), 'k', k, 'q', text(q), 'f', text(first), 'n', text(n), 'b', text(b), 'u', text(now), slot, block }
  if not live then
    args[#args + 1] = 'c'
    args[#args + 1] = text(now)
    args[#args + 1] = 'x'
    args[#args + 1] = text(ends)
    if summary then
      args[#args + 1] = 'y'
      args[#args + 1] = summary
    end
  end
  if owner and not head[9] then
    args[#args + 1] = 'U'
    args[#args + 1] = owner
  end
  for i = 1, #fields do
    args[#args + 1] = fields[i]
  end
  for i = 1, #args, 1000 do
    redis.call('HSET', key, unpack(args, i, math.min(i + 999, #args)))
  end
  redis.call('PEXPIREAT', key, text(expires))
end

-- Removes fields, any number of them.
local function remove(fields)
  for i = 1, #fields, 1000 do
    redis.call('HDEL', key, unpack(fields, i, math.min(i + 999, #fields)))
  end
end
