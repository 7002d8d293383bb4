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
--   ARGV[8]  fence of the lock's holder, or ''
--   ARGV[9]  of a retry whose earlier attempt was not answered: '<ms since that one> <last seq before it, or ''>'; 'new' of an
--            operation that no attempt was made at when the caller was told what ARGV[11] says; else ''
--   ARGV[10] the server's time, in ms, after which it must not be executed any more: the caller has given it up; or ''
--   ARGV[11] what the caller was told of the session last: '<version> <created, ms> <expires, ms>', or ''
--
-- Answers that end the script here:
--   {'LATE', now}          it is past ARGV[10]
--   {'OWNER'}              the session, or the summary that outlived it, belongs to another user
--   {'REUSED'}             the operation's id stands with another payload
--   {'DELETED'}            the operation was executed, and the session deleted after it
--   {'FORGOTTEN'}          the retry comes so late that nobody can tell whether the operation was executed
--   {'LOST', current}      what stands here is older than ARGV[11], or another session
--   {'VERSION', current}   the expected version is not the current one
--   {'FENCE'}              another holder of the lock came since
--   {'ABSENT', now}        no session, and ARGV[6] is ''; a script that needs one answers {'ABSENT'}
--   duplicate(version, number, time) of the script, for an operation that is done already: the version and the number it
--                          was finished with, and a time at or before it, in ms
--
-- An answer to a write that was made has `life()` after the version: '<created> <expires> <version counter of the last deletion,
-- or 0>', in ms.
--
-- Defines: key, head (v, k, q, f, n, b, c, x, U, D, F, L), live (false for none), the counters that finish() writes back (v, k, q last
-- seq, first = f, n, b), version, expires (as finish() leaves it), version_at(counter), blocks (by their slots, as far as they were
-- read), read_blocks(), life(), finish(fields, number), remove(fields), is_moving(), keep_only(lists).

local key = KEYS[1]
if ARGV[10] ~= '' and now > tonumber(ARGV[10]) then
  return { 'LATE', now_text }
end

-- @include blocks

-- The slot of the block that has the version with this counter.
local function slot_of(counter)
  return math.floor((counter - 1) / BLOCK) % BLOCKS
end

-- Most callers know the session as it stands: then the one block that is needed is read with the head.
local known_counter = tonumber(string.match(ARGV[11], '^%d+') or 0)
local next_slot = slot_of(known_counter + 1)
local head = redis.call('HMGET', key, 'v', 'k', 'q', 'f', 'n', 'b', 'c', 'x', 'U', 'D', 'F', 'L', 'o' .. next_slot)
local blocks = { [next_slot] = head[13] }
-- At the very millisecond of its end the key is still there; it is over all the same.
local ended = head[8] and tonumber(head[8]) <= now
if ended then
  head, blocks = { [11] = head[11], [12] = head[12] }, {}
end
local live = head[7]

if head[9] and ARGV[4] ~= '' and head[9] ~= ARGV[4] then
  return { 'OWNER' }
end

local function block_in(slot)
  if blocks[slot] == nil and head[1] then
    blocks[slot] = redis.call('HGET', key, 'o' .. slot)
  end
  return blocks[slot]
end

-- All of them.
local function read_blocks()
  if not head[1] then
    return
  end
  for i, block in ipairs(redis.call('HMGET', key, 'o0', 'o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7')) do
    blocks[i - 1] = block
  end
end

local current = live and head[1] .. '-' .. head[2] or '0'
-- Whether nothing was written since the caller was told of it.
local as_known = live and string.find(ARGV[11], current .. ' ' .. live .. ' ', 1, true) == 1

-- A new operation stands behind what its caller knew, if anywhere: a command may come twice. In the session that is known, that
-- is in the blocks since; any other operation may be in any block.
if head[1] and not (as_known and ARGV[9] == 'new') then
  local is_new = ARGV[9] == 'new' and live and live == string.match(ARGV[11], '^%S+ (%d+) ')
  local behind = tonumber(head[1]) - known_counter
  if not is_new or behind < 0 or behind > BLOCK then
    read_blocks()
  elseif behind > 0 then
    block_in(slot_of(head[1]))
  end
  -- @include operations
  local found_in, found, number, made, high, low = find_operation(blocks, 0, bytes8(string.sub(ARGV[3], 1, 16)))
  if found_in then
    if found ~= bytes8(string.sub(ARGV[3], 17, 32)) then
      return { 'REUSED' }
    end
    -- A deletion (see reset.lua) is done, however often the session was deleted since.
    if made < tonumber(head[10] or 0) and ARGV[12] ~= 'delete' then
      return { 'DELETED' }
    end
    return duplicate(string.format('%.0f-%06x%06x', made, high, low), number, struct.unpack('>I6', found_in))
  end
end

-- The version with this counter, if it is one of the last ones.
local function version_at(counter)
  local block = block_in(slot_of(counter))
  for at = FIRST, block and #block or 0, ENTRY do
    local found, high, low = struct.unpack('>I4I3I3', block, at + 20)
    if found == counter then
      return string.format('%.0f-%06x%06x', counter, high, low)
    end
  end
end

-- The blocks no longer say what became of a retry whose first attempt is older than they are; but its messages do, where all
-- that were written since still stand.
local age, last_seq
if ARGV[9] ~= '' and ARGV[9] ~= 'new' then
  age, last_seq = string.match(ARGV[9], '^(%d+) (%d*)$')
  -- The caller's clock may be late: then it takes the end of an earlier session for the one that stands here.
  local created = string.match(ARGV[11], '^%S+ (%d+) ')
  if created and created ~= live then
    last_seq = ''
  end
end
local oldest = age and head[1] and block_in((slot_of(head[1]) + 1) % BLOCKS)
if oldest and struct.unpack('>I6', oldest) > now - tonumber(age) then
  local WALK = 1000
  local top, kept = tonumber(head[3]), tonumber(head[4] or head[3] + 1)
  local low = math.max(kept, tonumber(last_seq) and last_seq + 1 or 1, top - WALK + 1)
  local id = string.sub(ARGV[3], 1, 16)
  local unclear = last_seq == '' or low > last_seq + 1
  for seq = top, low, -1 do
    local record = redis.call('HGET', key, 'm:' .. text(seq))
    local time, by, place = string.match(record or '', '^1[suat]%d+ (%-?%d+) (%x+)%.?(%d*) ')
    if by == id and place == '' then
      return duplicate('0-000000000000', seq, time)
    end
    -- One that was removed by itself, or is broken, could be it.
    unclear = unclear or not by
  end
  if unclear then
    return { 'FORGOTTEN' }
  end
end

-- What stands may be another session than the one the caller knows, made again after it was gone, or an earlier state of it.
if live and ARGV[11] ~= '' and not as_known then
  local known, created, due = string.match(ARGV[11], '^(%S+) (%d+) (%d+)$')
  local deleted_since = tonumber(head[10] or 0) > known_counter
  -- One that begins when the time of the other is over is no loss.
  local is_next = created ~= live and tonumber(live) >= tonumber(due)
  if not deleted_since and not is_next and (created ~= live or tonumber(head[1]) < known_counter
    or (known ~= current and (version_at(known_counter) or known) ~= known)) then
    return { 'LOST', current }
  end
end
if ARGV[5] ~= '' and ARGV[5] ~= current then
  return { 'VERSION', current }
end
if ARGV[8] ~= '' and ARGV[8] ~= head[11] then
  return { 'FENCE' }
end

-- A deleted session leaves its counters behind, so one that is written again goes on from them. One that is gone
-- altogether goes on from the summary that outlived it.
local v, q, summary = tonumber(head[1] or 0), tonumber(head[3] or 0), nil
local owner = ARGV[4] ~= '' and ARGV[4] or nil
if not head[1] then
  if ARGV[6] == '' then
    return { 'ABSENT', now_text }
  end
  local counter, covers, user, record = string.match(ARGV[6], '^(%d+) (%d+) %d+ ([^:]*):(.*)$')
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
local expires_text

local first = live and tonumber(head[4]) or q + 1
local n = live and tonumber(head[5]) or 0
local b = live and tonumber(head[6]) or (summary and #summary or 0)

v = v + 1
local k = string.sub(redis.sha1hex((head[2] or '') .. ARGV[3] .. time[1] .. '.' .. time[2]), 1, 12)
local version = text(v) .. '-' .. k

-- The block of operations with this one in it, as two arguments of HSET.
local function remembered(number)
  local slot = slot_of(v)
  local block = (v - 1) % BLOCK > 0 and block_in(slot) or struct.pack('>I6', now)
  return 'o' .. slot, block .. struct.pack('>I4I4I4I4I4I4I3I3', hex4(ARGV[3], 1), hex4(ARGV[3], 9), hex4(ARGV[3], 17),
    hex4(ARGV[3], 25), number, v, tonumber(string.sub(k, 1, 6), 16), tonumber(string.sub(k, 7, 12), 16))
end

local function life()
  return (live or now_text) .. ' ' .. expires_text .. ' ' .. (head[10] or '0')
end

-- @include fields

-- Whether the key could not be written again once it is removed: while its slot is moved to another node, what is not there
-- counts as moved, and this script could not go on.
local function is_moving()
  return redis.pcall('HMGET', key .. ':none', 'v').err ~= nil
end

-- Never sooner than it was, also by a process with a shorter ttl: others were told so.
local function keep_expiry()
  if live then
    expires = math.min(math.max(expires, redis.call('PEXPIRETIME', key)), ends)
  end
end

-- Writes a live session: its head, the operation with its number, and `fields` (names and values in turn), then the
-- expiry. What a new session needs is added here.
local function finish(fields, number)
  local moving = ended and is_moving()
  if ended and not moving then
    redis.call('UNLINK', key)
    for i, name in pairs({ [11] = 'F', [12] = 'L' }) do
      if head[i] then
        redis.call('HSET', key, name, head[i])
      end
    end
  end
  if not live then
    fields[#fields + 1] = 'c'
    fields[#fields + 1] = now_text
    fields[#fields + 1] = 'x'
    fields[#fields + 1] = text(ends)
    if summary then
      fields[#fields + 1] = 'y'
      fields[#fields + 1] = summary
    end
  end
  if owner and not head[9] then
    fields[#fields + 1] = 'U'
    fields[#fields + 1] = owner
  end
  local slot, block = remembered(number)
  redis.call('HSET', key, 'v', text(v), 'k', k, 'q', text(q), 'f', text(first), 'n', text(n), 'b', text(b), 'u', now_text,
    slot, block, unpack(fields, 1, math.min(1000, #fields)))
  for i = 1001, #fields, 1000 do
    redis.call('HSET', key, unpack(fields, i, math.min(i + 999, #fields)))
  end
  if moving then
    keep_only({ { 'v', '', 'k', '', 'q', '', 'f', '', 'n', '', 'b', '', 'u', '', slot, '' }, fields, { 'F', '', 'L', '' } })
  end
  -- The lock is not to end before its limit, see lock.lua.
  local limit = head[12] and tonumber(string.match(head[12], '^%S+ (%d+)')) or 0
  expires_text = text(expires)
  if not live or limit > now or redis.call('PEXPIREAT', key, expires_text, 'GT') == 0 then
    keep_expiry()
    expires_text = text(expires)
    redis.call('PEXPIREAT', key, text(math.max(expires, limit > now and limit + 1000 or 0)))
  end
end
