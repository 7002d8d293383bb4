-- Finds an operation; needs includes/blocks.lua.
--
-- Defines: bytes8(16 hex digits), and find_operation(fields, at, hash): of the operation in the blocks from fields[at] on the
-- block, digest, number, counter, and the two halves of the chain; nothing when it is not there.
local function bytes8(hex)
  return struct.pack('>I4I4', hex4(hex, 1), hex4(hex, 9))
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
