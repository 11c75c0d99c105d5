/** With it where it was not, without it where it was. */
export function toggled(chosen: ReadonlySet<string>, ID: string): ReadonlySet<string> {
  return chosen.has(ID) ? new Set([...chosen].filter((one) => one !== ID)) : new Set([...chosen, ID])
}
