-- The beginning of every read of a session.
--
--   KEYS[1]  the session      ARGV[1]  ttl in ms, or '0' for a read that does not count as a use      ARGV[2]  user id, or ''
--
-- Answers that end the script here: {'ABSENT'}, {'DELETED'} for a session whose deletion is remembered, {'OWNER'}.
-- Defines: key, head (v, k, q, f, n, b, c, x, U, u, S, D), version, use().
local key = KEYS[1]
local head = redis.call('HMGET', key, 'v', 'k', 'q', 'f', 'n', 'b', 'c', 'x', 'U', 'u', 'S', 'D')
-- At the very millisecond of its end the key is still there.
if not head[7] or tonumber(head[8]) <= now then
  return { head[12] and 'DELETED' or 'ABSENT' }
end
if head[9] and ARGV[2] ~= '' and head[9] ~= ARGV[2] then
  return { 'OWNER' }
end
local version = head[1] .. '-' .. head[2]

-- Extends the expiry once a hundredth of the ttl has passed, so that a session that is only read does not load the
-- replicas. By pcall: a server that takes no writes (a replica, no disk, no memory) still answers reads.
local function use()
  local ttl = tonumber(ARGV[1])
  if ttl == 0 then
    return
  end
  local expires = math.min(now + ttl, tonumber(head[8]))
  if expires - now - redis.call('PTTL', key) > ttl / 100 then
    redis.pcall('PEXPIREAT', key, text(expires))
  end
end
