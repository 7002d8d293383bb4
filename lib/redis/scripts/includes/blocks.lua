-- The form of the last operations of a session, in its fields o0 to o7.
--
-- An operation is 30 bytes: 8 of its id's hash, 8 of its payload's digest, a number, and the version it made (counter and chain).
-- A block is 6 bytes of time, in ms, and up to 19 operations; 8 blocks in turn hold at least 134 of them.
--
-- Defines: BLOCK, BLOCKS, ENTRY and FIRST of that form, and hex4(text, at), the number of 8 hex digits.
local BLOCK, BLOCKS, ENTRY, FIRST = 19, 8, 30, 7

local function hex4(text, at)
  return tonumber(string.sub(text, at, at + 7), 16)
end
