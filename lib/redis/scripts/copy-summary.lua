#!lua flags=allow-oom
-- Keeps the copy of a summary that outlives its session, or the mark that there is none any more. A late writer with an
-- older one changes nothing. A session that begins anew goes on from the counters of either.
--
--   KEYS[1]  the copy
--   ARGV[1]  the copy or the mark, as of includes/copy.lua
--   ARGV[2]  ttl in ms
--   ARGV[3]  'force' for the mark of a deletion that was made just now: it takes the place also of the copy of another
--            history, whose counter may be higher
--
-- Answers 1 when the copy or mark stands now, also when its payload was encrypted anew since; 0 when a newer one does. It
-- runs also when Redis is out of memory: a mark takes the place of a summary.
local function version_of(copy)
  return string.match(copy, ':1 (%S+) ')
end

local standing = redis.call('GET', KEYS[1])
local counter = tonumber(standing and string.match(standing, '^(%d+) ') or 0)
local mine, rest = string.match(ARGV[1], '^(%d+)( .*)$')
if ARGV[3] == 'force' then
  mine = math.max(counter, tonumber(mine))
elseif counter >= tonumber(mine) then
  return (standing == ARGV[1] or (version_of(standing) and version_of(standing) == version_of(ARGV[1]))) and 1 or 0
end
redis.call('SET', KEYS[1], string.format('%.0f', mine) .. rest, 'PX', ARGV[2])
return 1
