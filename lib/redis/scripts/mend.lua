#!lua
-- Repairs or drops records that cannot be read, and drops such that were put aside.
--
--   KEYS[1]   the session
--   ARGV[1-11] as in includes/write.lua
--   ARGV[12]   most bytes kept
--   ARGV[13…]  per record three: field, or 'Q' for a line of the quarantine; sha1 of the record or the line; what to put in
--             its place, or '' to drop it. In the place of a state value or the summary goes what follows its time.
--
-- A record that is repaired is put aside; one that is dropped is gone.
--
-- Answers {'STORED', version, life, copy}, {'DUPLICATE', version, '', copy}, {'CHANGED', field} when it is another record by now, {'FULL'}, or
-- what includes/write.lua answers. The copy is for copy-summary.lua: of the summary, or the mark that there is none any more;
-- nil when the summary was not touched.

-- @include time

-- @include copy

local SUMMARY_REPAIRED, SUMMARY_DROPPED = 1, 2

local function copy_after(number, expires)
  local record = redis.call('HGET', KEYS[1], 'y')
  if number == SUMMARY_REPAIRED and record then
    return copy_of(record, expires)
  elseif number == SUMMARY_DROPPED and not record then
    local head = redis.call('HMGET', KEYS[1], 'v', 'q')
    return mark_of(head[1], head[2])
  end
end

local function duplicate(version, number)
  return { 'DUPLICATE', version, '', copy_after(number, redis.call('PEXPIRETIME', KEYS[1])) }
end

-- @include write
-- @include aside

if not live then
  return { 'ABSENT' }
end

local fields, gone, gone_names, lines_gone, messages_gone, summary_is = {}, {}, {}, {}, {}, 0
for i = 13, #ARGV, 3 do
  local field, digest, new = unpack(ARGV, i, i + 2)
  if field == 'Q' then
    lines_gone[digest] = true
  else
    local record = redis.call('HGET', key, field)
    if not record or redis.sha1hex(record) ~= digest then
      return { 'CHANGED', field }
    end
    local kind = string.sub(field, 1, 1)
    b = b - #record
    if new ~= '' then
      if kind ~= 'm' then
        new = table.concat({ '1', version, now_text, new }, ' ')
      end
      fields[#fields + 1] = field
      fields[#fields + 1] = new
      b = b + #new
      set_aside(field, record)
    else
      gone[#gone + 1] = field
      if kind == 'm' then
        messages_gone[field] = true
        n = n - 1
      elseif kind == 's' then
        gone_names[string.sub(field, 3)] = true
      end
    end
    if kind == 'm' then
      fields[#fields + 1] = 'e'
      fields[#fields + 1] = text(v)
    elseif kind == 'y' then
      summary_is = new == '' and SUMMARY_DROPPED or SUMMARY_REPAIRED
    end
  end
end
if b > tonumber(ARGV[12]) and b > tonumber(head[6]) then
  return { 'FULL' }
end

local function is_gone(field)
  return messages_gone[field] or redis.call('HEXISTS', key, field) == 0
end
while next(messages_gone) and first <= q and is_gone('m:' .. text(first)) do
  first = first + 1
end

if next(gone_names) then
  local kept = {}
  for name in string.gmatch(redis.call('HGET', key, 'S') or '', '[^\n]+') do
    if not gone_names[name] then
      kept[#kept + 1] = name
    end
  end
  fields[#fields + 1] = 'S'
  fields[#fields + 1] = table.concat(kept, '\n')
end

if next(lines_gone) then
  local kept = {}
  for line in string.gmatch(redis.call('HGET', key, 'Q') or '', '[^\n]+') do
    if not lines_gone[redis.sha1hex(line)] then
      kept[#kept + 1] = line
    end
  end
  if #kept > 0 then
    fields[#fields + 1] = 'Q'
    fields[#fields + 1] = table.concat(kept, '\n')
  else
    gone[#gone + 1] = 'Q'
  end
end

finish(fields, summary_is)
remove(gone)
put_aside()
return { 'STORED', version, life(), copy_after(summary_is, expires) }
