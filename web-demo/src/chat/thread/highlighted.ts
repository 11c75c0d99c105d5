/** The text in pieces, those that were sought marked; whatever their case. */
export function highlighted(
  text: string,
  sought: string,
): readonly { readonly text: string; readonly isHit: boolean }[] {
  const words = sought.split(/\s+/).filter(Boolean)
  if (words.length === 0) return [{ text, isHit: false }]
  const pattern = new RegExp(`(${words.map(escaped).join('|')})`, 'giu')
  // Splitting at a group leaves what it matched at the odd places.
  return text
    .split(pattern)
    .map((piece, index) => ({ text: piece, isHit: index % 2 === 1 }))
    .filter((piece) => piece.text !== '')
}

function escaped(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
