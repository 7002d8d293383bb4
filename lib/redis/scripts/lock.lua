#!lua flags=allow-oom
-- The lock of a session: two fields of its hash, so that it lives and moves with what it guards.
--
--   F  the fence of the last acquisition      L  '<token> <limit, server ms>', with ' awaited' when another was told to wait
--
--   KEYS[1]  the session
--   ARGV[1]  'acquire', 'renew' or 'release'      ARGV[2]  token, of this acquisition alone
--   ARGV[3]  ttl of the lock in ms                ARGV[4]  user id, or ''
--
-- acquire answers {'HELD', fence, limit}, also to the token that holds it already; {'WAIT', ms until the limit}; {'OWNER'}.
-- renew answers {'HELD', fence, limit}, also after the limit when nobody came, or {'LOST'}.
-- release answers {'RELEASED', 1 when another was told to wait, else 0}, or {'LOST'}.
--
-- A session that does not exist is locked as well: F and L alone count as no session. What is written is tiny and
-- has an end, and who deletes or compacts under the lock frees memory: so all of it runs also when Redis is out of memory.

-- @include time

local how, token, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
-- How much longer than the lock its key lives, so that it is the limit that ends a lock.
local MARGIN = 1000

local key = KEYS[1]
local head = redis.call('HMGET', key, 'F', 'L', 'U', 'x')
local last_fence = tonumber(head[1] or 0)
local holder, limit, awaited = string.match(head[1] and head[2] or '', '^(%S+) (%d+)(.*)$')
local ends = tonumber(head[4])
local ended = ends and ends <= now

-- @include fields

local function hold(fence, mark)
  local new_limit = now + ttl
  local expires = redis.call('PEXPIRETIME', key)
  redis.call('HSET', key, 'F', text(fence), 'L', token .. ' ' .. text(new_limit) .. mark)
  -- Nothing of a session that is over outlives it for the sake of its lock.
  if ended then
    keep_only({ { 'F', '', 'L', '' } })
  end
  -- The session's own expiry is never shortened, and -1 stands for a key that someone made immortal by hand.
  if expires ~= -1 and expires < new_limit + MARGIN then
    redis.call('PEXPIREAT', key, text(new_limit + MARGIN))
  end
  return { 'HELD', text(fence), text(new_limit) }
end

if how == 'acquire' then
  if head[3] and not ended and ARGV[4] ~= '' and head[3] ~= ARGV[4] then
    return { 'OWNER' }
  elseif holder == token then
    return hold(last_fence, awaited)
  elseif holder and tonumber(limit) > now then
    if awaited == '' then
      redis.call('HSET', key, 'L', head[2] .. ' awaited')
    end
    return { 'WAIT', text(tonumber(limit) - now) }
  end
  return hold(math.max(last_fence + 1, time[1] * 1000000 + time[2]), '')
end

-- Once another has come, the token is theirs.
if holder ~= token then
  return { 'LOST' }
elseif how == 'renew' then
  return hold(last_fence, awaited)
end
redis.call('HDEL', key, 'L')
if ends and redis.call('PEXPIRETIME', key) > ends then
  redis.call('PEXPIREAT', key, text(ends))
end
return { 'RELEASED', awaited == '' and 0 or 1 }
