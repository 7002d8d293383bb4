-- The last operations of a session, in its fields o0 to o7.
--
-- An operation is 30 bytes: 8 of its id's hash, 8 of its payload's digest, a number, and the version it made (counter and chain).
-- A block is 6 bytes of time, in ms, and up to 19 operations; 8 blocks in turn hold at least 134 of them.
--
-- Defines: BLOCK, BLOCKS, ENTRY and FIRST of that form, bytes8(16 hex digits), and find_operation(fields, at, hash): of the operation
-- in the blocks from fields[at] on the block, digest, number, counter, and the two halves of the chain; nothing when it is not there.
local BLOCK, BLOCKS, ENTRY, FIRST = 19, 8, 30, 7

local function bytes8(hex)
  return struct.pack('>I4I4', tonumber(string.sub(hex, 1, 8), 16), tonumber(string.sub(hex, 9, 16), 16))
end

local function find_operation(fields, at, hash)
  for i = at, at + BLOCKS - 1 do
    local block = fields[i]
    local place = block and string.find(block, hash, FIRST, true)
    while place do
      if (place - FIRST) % ENTRY == 0 then
        return block, struct.unpack('>c8I4I4I3I3', block, place + 8)
      end
      place = string.find(block, hash, place + 1, true)
    end
  end
end
