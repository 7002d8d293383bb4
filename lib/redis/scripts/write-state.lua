#!lua
-- Replaces, merges or removes state fields, each by itself.
--
--   KEYS[1]   the session
--   ARGV[1-11] as in includes/write.lua
--   ARGV[12]   most bytes kept      ARGV[13]  'trim' or 'refuse'      ARGV[14]  most state fields      ARGV[15]  most bytes of a value
--   ARGV[16]  of a write that was made earlier and comes late: '<when it was made, in the server's ms> <counter of the version that
--             its caller knew, or 0>'; or ''
--   ARGV[17…] per field seven: mode; name; expected version of the field, or ''; ttl in ms, or ''; index; payload; base
--
-- Modes: 'set', 'patch', 'delete', 'check' for an expected version alone, and 'merged' for a patch that the caller has put
-- together with the value of the version in base ('0' for none).
--
-- A state record is '1 <version> <written at, ms> <expires at, ms, or 0> <index> <payload>'; what comes late is written at the
-- time when it was made. The index of a plain object is
-- 'o' and, for each member, the bytes of its key and of the whole member, as in 'o5,12,3,9'; so two objects are merged
-- here without touching their JSON. It is 'x' for a plain object whose members cannot be seen or taken apart here:
-- encrypted, compressed, or with references between them. The index of any other value is '-'. A payload with a '~' in front holds rich values.
--
-- Answers:
--   {'STORED', version, life, messages trimmed, now in ms, name …} with the fields that were left alone, because they were
--                                  written later than ARGV[16] by who knew more
--   {'DUPLICATE', version, '', 0, now}
--   {'FULL'}                       {'FIELDS'} for too many of them
--   {'UNREADABLE', name}           for a patch to a record that is broken, or that the caller could not read
--   {'MERGE'}                      for a patch that the caller has to merge, because an index is 'x' or the base has changed
--   {'FIELD_SIZE', name}           for a value that a patch makes too large
--   {'FIELD_VERSION', name, current} when a field has not the expected version
--   {'NOTHING'}                    for a deletion where there is no session
--   or what includes/write.lua answers

-- @include time

local function duplicate(version)
  return { 'DUPLICATE', version, '', 0, now_text }
end

-- @include write
-- @include aside

local only_deletes, names = true, {}
for i = 17, #ARGV, 7 do
  only_deletes = only_deletes and (ARGV[i] == 'delete' or ARGV[i] == 'check')
  names[#names + 1] = 's:' .. ARGV[i + 1]
end
local function parse(record)
  local written, expiry, index, payload = string.match(record or '', '^1 (%S+) %d+ (%d+) (%S+) (.*)$')
  if written and (expiry == '0' or tonumber(expiry) > now) then
    return { version = written, expires = expiry, index = index, payload = payload }
  end
end

local function expired(record)
  local expiry = tonumber(string.match(record, '^1 %S+ %d+ (%d+) ') or 0)
  return expiry > 0 and expiry <= now
end

local function is_object(index)
  local kind = string.sub(index, 1, 1)
  return kind == 'o' or kind == 'x'
end

local function members(value)
  local list, at = {}, string.sub(value.payload, 1, 1) == '~' and 3 or 2
  for key_bytes, bytes in string.gmatch(value.index, '(%d+),(%d+)') do
    list[#list + 1] = {
      name = string.sub(value.payload, at, at + key_bytes - 1),
      text = string.sub(value.payload, at, at + bytes - 1),
    }
    at = at + bytes + 1
  end
  return list
end

local function merge(old, new)
  local merged, places = members(old), {}
  for place, member in ipairs(merged) do
    places[member.name] = place
  end
  for _, member in ipairs(members(new)) do
    local place = places[member.name] or #merged + 1
    places[member.name] = place
    merged[place] = member
  end
  local texts, index = {}, {}
  for i, member in ipairs(merged) do
    texts[i] = member.text
    index[i] = #member.name .. ',' .. #member.text
  end
  local rich = string.sub(old.payload .. ' ', 1, 1) == '~' or string.sub(new.payload, 1, 1) == '~'
  return 'o' .. table.concat(index, ','), (rich and '~{' or '{') .. table.concat(texts, ',') .. '}'
end

local made_at, known = string.match(ARGV[16], '^(%d+) (%d+)$')
local written_at = made_at and text(math.min(now, tonumber(made_at))) or now_text

-- Whether it was written after this write was made.
local function newer(record)
  local counter, at = string.match(made_at and record or '', '^1 (%d+)%S* (%d+) ')
  return counter and tonumber(at) > tonumber(made_at) and tonumber(counter) > tonumber(known)
end

local old_records = live and redis.call('HMGET', key, unpack(names)) or {}
local fields, written, removed, added, outdated, bytes = {}, {}, {}, {}, {}, 0
for i = 1, #names do
  local at = 10 + 7 * i
  local mode, name, expected, ttl, index, payload, base = unpack(ARGV, at, at + 6)
  local record = old_records[i]
  local old = parse(record)
  if expected ~= '' and expected ~= (old and old.version or '0') then
    return { 'FIELD_VERSION', name, old and old.version or '0' }
  end
  if newer(record) then
    outdated[#outdated + 1] = name
    mode = 'check'
  end
  if mode == 'patch' and record and broken(names[i], record) then
    return { 'UNREADABLE', name }
  end
  if mode == 'merged' and base ~= (old and old.version or '0') then
    return { 'MERGE' }
  end
  if mode ~= 'check' then
    bytes = bytes - (record and #record or 0)
  end
  if mode == 'delete' then
    removed[name] = true
    if record then
      look_at(names[i], record)
    end
  elseif mode ~= 'check' then
    local expiry = '0'
    if ttl ~= '' then
      expiry = text(now + tonumber(ttl))
    elseif mode ~= 'set' and old then
      expiry = old.expires
    end
    local merges = mode == 'patch' and old and is_object(old.index) and is_object(index)
    if merges and (old.index == 'x' or index == 'x') then
      return { 'MERGE' }
    elseif merges and was_reported(names[i], record) then
      return { 'UNREADABLE', name }
    elseif merges then
      index, payload = merge(old, { index = index, payload = payload })
      if #payload > tonumber(ARGV[15]) then
        return { 'FIELD_SIZE', name }
      end
    elseif record then
      look_at(names[i], record)
    end
    written[name] = true
    local new = table.concat({ '1', version, written_at, expiry, index, payload }, ' ')
    fields[#fields + 1] = names[i]
    fields[#fields + 1] = new
    bytes = bytes + #new
    if not record then
      added[#added + 1] = name
    end
  end
end

if only_deletes and not live then
  return { 'NOTHING' }
end

-- The names change only when a field comes or goes; expired ones are swept out then. A name may stand without its field, if
-- that was removed by hand: when it is written now, it is among those added.
local gone = {}
if #added > 0 or next(removed) then
  local kept = {}
  local known = live and redis.call('HGET', key, 'S') or ''
  for name in string.gmatch(known, '[^\n]+') do
    local record = not removed[name] and redis.call('HGET', key, 's:' .. name)
    if record and (written[name] or not expired(record)) then
      kept[#kept + 1] = name
    elseif not written[name] then
      gone[#gone + 1] = 's:' .. name
      if record then
        bytes = bytes - #record
      end
    end
  end
  for _, name in ipairs(added) do
    kept[#kept + 1] = name
  end
  if #kept > tonumber(ARGV[14]) then
    return { 'FIELDS' }
  end
  fields[#fields + 1] = 'S'
  fields[#fields + 1] = table.concat(kept, '\n')
end

local max_bytes, drop = tonumber(ARGV[12]), nil
if bytes > 0 and b + bytes > max_bytes then
  -- @include room
  drop = make_room(0, bytes, math.huge, max_bytes, ARGV[13] == 'refuse')
  if not drop then
    return { 'FULL' }
  end
end
b = b + bytes
finish(fields, 0)
remove(gone)
local trimmed = 0
if drop then
  trimmed = drop()
else
  put_aside()
end
return { 'STORED', version, life(), trimmed, now_text, unpack(outdated) }
