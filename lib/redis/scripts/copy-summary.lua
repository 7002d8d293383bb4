#!lua flags=allow-oom
-- Keeps the copy of a summary that outlives its session, or the mark that there is none any more. A late writer with an
-- older one changes nothing. A session that begins anew goes on from the counters of either.
--
--   KEYS[1]  the copy
--   ARGV[1]  '<version counter> <covers seq> <record>', without a record for the mark      ARGV[2]  ttl in ms
--
-- Answers 1 when it was written, 0 when the same or a newer one stands. It runs also when Redis is out of memory: the mark
-- takes the place of a summary.
local standing = redis.call('GET', KEYS[1])
local counter = standing and string.match(standing, '^(%d+) ')
if counter and tonumber(counter) >= tonumber(string.match(ARGV[1], '^(%d+) ')) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
