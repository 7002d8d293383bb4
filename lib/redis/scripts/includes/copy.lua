-- copy_of(record): what copy-summary.lua keeps of a summary: '<version counter> <covers seq> <user id, if any>:<record>'; nil
-- for a record without a header.
local function copy_of(record)
  local counter, covers = string.match(record, '^1 (%d+)%-%x+ %d+ (%d+) ')
  return counter and counter .. ' ' .. covers .. ' ' .. (redis.call('HGET', KEYS[1], 'U') or '') .. ':' .. record
end
