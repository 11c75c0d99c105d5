const CANARY = /~c[a-z0-9.+]+~/g

/** A text that occurs once in the world, so that wherever it is seen one knows which message it is from. */
export function canaryOf(device: string, number: number, version = 0): string {
  return version === 0 ? `~c${device}.${number}~` : `~c${device}.${number}+${version}~`
}

/** All canaries in a text, without repetition. */
export function canariesIn(text: string): readonly string[] {
  return [...new Set(text.match(CANARY) ?? [])]
}
