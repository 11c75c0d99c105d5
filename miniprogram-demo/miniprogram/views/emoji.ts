/** The panel's emoji: characters every phone can draw, so that nothing is loaded and anybody can read them. */
export const EMOJI: readonly string[] = Array.from(
  '😀😄😁😆😅😂🤣😊😇🙂😉😌😍🥰😘😋😛😜🤔🤗🤭😏😐😴😷🤒😢😭😤😡😱😳🥺😬🙄😎🤓🥳' +
    '👍👎👌👏🙏🤝💪👋🙌👀🙋🤦🎉🎂🌹🌸🍀☀🌙⭐🔥💯✅❌❓❗' +
    '📚📖📝🎒🏫🚌⏰📷🎨🎵⚽🏀🍎🥛🍚🍬🎁💊🌧☔💡💗',
)

const MOST_RECENT = 8

/** The latest first, each once. */
export function withRecent(recent: readonly string[], emoji: string): readonly string[] {
  return [emoji, ...recent.filter((one) => one !== emoji)].slice(0, MOST_RECENT)
}

/** The text without its last character, of which many emoji have several code units. */
export function withoutLast(text: string): string {
  return Array.from(text).slice(0, -1).join('')
}
