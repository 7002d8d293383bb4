-- Records that cannot be read are not lost when they are replaced or trimmed: they are put aside, into the field Q.
--
--   ARGV[7]  the records that the caller could not read: a line '<sha1>\t<field>' for each; '<sha1>.<bytes>\t<field>' when only
--            so many bytes at the beginning of the record are known to the caller
--
-- Besides, the form of each record is looked at. Q holds a line '<time in ms>\t<field>\t<record>' for each, with `\\` and
-- `\n` for a backslash and a line feed of the record; the newest are at the end. When it is full the oldest go; a record
-- that is longer by itself is cut.
--
-- Defines: broken(field, record), was_reported(field, record), look_at(field, record), set_aside(field, record), put_aside().
local QUARANTINE_BYTES = 1048576
local FORMS = {
  m = '^1[suat]%d+ %-?%d+ %x+%.?%d* ()~?(.)',
  s = '^1 %S+ %d+ %d+ %S+ ()~?(.)',
  y = '^1 %S+ %d+ %d+ %d+ ()~?(.)',
}
local ENDS = { ['['] = ']', ['{'] = '}', ['"'] = '"' }

local reported, aside = {}, {}
for digest, field in string.gmatch(ARGV[7], '(%S+)\t([^\n]+)') do
  reported[field] = digest
end

-- Whether a record has not the header that scripts know, or a payload that was cut off.
local function broken(field, record)
  local _, start = string.match(record, FORMS[string.sub(field, 1, 1)])
  return not start or (ENDS[start] and string.sub(record, -1) ~= ENDS[start])
end

local function set_aside(field, record)
  local escaped = string.gsub(string.gsub(record, '\\', '\\\\'), '\n', '\\n')
  aside[#aside + 1] = string.sub(now_text .. '\t' .. field .. '\t' .. escaped, 1, QUARANTINE_BYTES)
end

-- Whether it is one that the caller could not read.
local function was_reported(field, record)
  local digest, bytes = string.match(reported[field] or '', '^(%x+)%.?(%d*)$')
  if not digest then
    return false
  elseif bytes == '' then
    return digest == redis.sha1hex(record)
  end
  -- The header says which record it is; a beginning that is shorter could be that of any.
  local payload_at = string.match(record, FORMS[string.sub(field, 1, 1)])
  return tonumber(bytes) + 1 >= payload_at and digest == redis.sha1hex(string.sub(record, 1, tonumber(bytes)))
end

-- To be called with every record that is about to be replaced or removed.
local function look_at(field, record)
  if broken(field, record) or was_reported(field, record) then
    set_aside(field, record)
  end
end

-- To be called when all else is written.
local function put_aside()
  if #aside == 0 then
    return
  end
  local lines = table.concat(aside, '\n')
  local before = redis.call('HGET', key, 'Q')
  if before then
    lines = before .. '\n' .. lines
  end
  if #lines > QUARANTINE_BYTES then
    lines = string.sub(lines, string.find(lines, '\n', #lines - QUARANTINE_BYTES, true) + 1)
  end
  redis.call('HSET', key, 'Q', lines)
end
