-- Removes fields of the key.
--
-- Defines: remove(fields), keep_only(lists).

-- Any number of them.
local function remove(fields)
  for i = 1, #fields, 1000 do
    redis.call('HDEL', key, unpack(fields, i, math.min(i + 999, #fields)))
  end
end

-- Removes all fields but those that are names in these lists of names and values in turn.
local function keep_only(lists)
  local stays, gone = {}, {}
  for _, list in ipairs(lists) do
    for i = 1, #list, 2 do
      stays[list[i]] = true
    end
  end
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if not stays[name] then
      gone[#gone + 1] = name
    end
  end
  remove(gone)
end
