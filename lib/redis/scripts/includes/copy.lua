-- copy_of(record, expires): what copy-summary.lua keeps of a summary: '<version counter> <covers seq> <when the session expires,
-- ms> <user id, if any>:<record>'; nil for a record without a header.
local function copy_of(record, expires)
  local counter, covers = string.match(record, '^1 (%d+)%-%x+ %d+ (%d+) ')
  local user = redis.call('HGET', KEYS[1], 'U') or ''
  return counter and counter .. ' ' .. covers .. ' ' .. text(expires) .. ' ' .. user .. ':' .. record
end

-- The mark that there is no summary: what stands in its place after the session, or the summary, was removed.
local function mark_of(counter, last_seq)
  return counter .. ' ' .. last_seq .. ' 0 :'
end
