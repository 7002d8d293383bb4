/** What a user lacks, by what the server answers. Of that, only the name of a command is repeated. */
const LACKS: readonly (readonly [RegExp, (command: string) => string])[] = [
  [/^WRONGPASS/, () => 'the user is not known or is off, or its password is not the one given'],
  [/^NOAUTH/, () => 'the server asks for a password, and none is given'],
  [/no permissions to run the '([\w|-]+)' command/, (command) => `the user may not run ${command}`],
  [/(?:access|permission).*\bkeys?\b/i, () => 'the key pattern of the user does not cover the keys of this memory'],
  [/can't run this command/, () => 'the user may not run a command that a script needs'],
]

/** Why the server denied access: the credentials, or what the ACL rules of the user lack. */
export const denialOf = (message: string): string => {
  for (const [pattern, lack] of LACKS) {
    const found = pattern.exec(message)
    if (found !== null) return lack(found[1] ?? '')
  }
  return 'check the user, the password and the ACL rules'
}
