#!lua
-- Replaces the copy of a summary by one that holds the same, under another key or in a newer form.
--
--   KEYS[1]  the copy      ARGV[1]  sha1 of what stands      ARGV[2]  what to put in its place
--
-- Answers 1, or 0 when another one stands by now.
local standing = redis.call('GET', KEYS[1])
if not standing or redis.sha1hex(standing) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
