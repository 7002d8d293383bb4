-- The beginning of every read of a session.
--
--   KEYS[1]  the session      ARGV[1]  ttl in ms, or '0' for a read that does not count as a use      ARGV[2]  user id, or ''
--
-- Answers that end the script here: {'ABSENT', now in ms}, {'DELETED', now} for a session whose deletion is remembered, {'OWNER'}.
-- An answer about a session that was found has `life(expires)` after the version: '<created> <expires, 0 for unknown> <version
-- counter of the last deletion, or 0>', in ms.
--
-- Defines: key, head (v, k, q, f, n, b, c, x, U, u, S, D), version, use(), life(expires).
local key = KEYS[1]
local head = redis.call('HMGET', key, 'v', 'k', 'q', 'f', 'n', 'b', 'c', 'x', 'U', 'u', 'S', 'D')
-- At the very millisecond of its end the key is still there.
if not head[7] or tonumber(head[8]) <= now then
  return { head[12] and 'DELETED' or 'ABSENT', now_text }
end
if head[9] and ARGV[2] ~= '' and head[9] ~= ARGV[2] then
  return { 'OWNER' }
end
local version = head[1] .. '-' .. head[2]

-- Extends the expiry once a hundredth of the ttl has passed, so that a session that is only read does not load the
-- replicas. By pcall: a server that takes no writes (a replica, no disk, no memory) still answers reads. Answers when the
-- session expires, or 0 for a read that is no use.
local function use()
  local ttl = tonumber(ARGV[1])
  if ttl == 0 then
    return 0
  end
  local ends = tonumber(head[8])
  -- A lock may keep the key beyond the end of the session.
  local expires, stands = math.min(now + ttl, ends), math.min(now + redis.call('PTTL', key), ends)
  if expires - stands <= ttl / 100 then
    return stands
  end
  local extended = redis.pcall('PEXPIREAT', key, text(expires))
  return type(extended) == 'table' and stands or expires
end

local function life(expires)
  return head[7] .. ' ' .. text(expires) .. ' ' .. (head[12] or '0')
end
