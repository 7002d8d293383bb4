-- What is known of a session without reading it; with a ttl in ARGV[1] it counts as a use (touch).
--
--   KEYS[1]   the session
--   ARGV[1-2] as in includes/read.lua
--
-- Answers {'FOUND', version, life, messages kept, bytes, first seq kept, last seq, created, updated, expires, end of its lifetime
-- (all in ms), user id or nil}, or what includes/read.lua answers.

-- @include time
-- @include read

use()
local expires = math.min(redis.call('PEXPIRETIME', key), tonumber(head[8]))
return {
  'FOUND', version, life(expires), tonumber(head[5]), text(tonumber(head[6])), tonumber(head[4]), tonumber(head[3]), head[7], head[10],
  text(expires), head[8], head[9],
}
