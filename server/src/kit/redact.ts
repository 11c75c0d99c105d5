/** What must not be read in a log, wherever it comes from; with what is written in its place. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // userSigs as Tencent makes them, and as JSON web tokens.
  [/eJ[\w*-]{24,}/g, '(signature)'],
  [/eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '(signature)'],
  // Addresses with a password in them.
  [/:\/\/[^\s/@"\\]*@/g, '://(hidden)@'],
  // Rights in the query of an address.
  [/([?&](?:t|token|usersig|sig|signature|x-amz-signature|x-amz-credential)=)[^&\s"\\]+/gi, '$1(hidden)'],
  // Redis repeats what it was sent.
  [/(with args beginning with: ).*?(?=\\n|"[,}]|$)/g, '$1(hidden)'],
]
/** Shorter ones would be found in every other word. */
const MIN_SECRET_CHARS = 6
const HIDDEN = '(hidden)'
// Control characters that JSON leaves as they are, and that a terminal or a reader of lines obeys.
const UNESCAPED_CONTROL = /[\u007f-\u009f\u2028\u2029]/g

/** Makes the function that takes secrets out of a line of JSON; `secrets` are texts that must not appear in any form. */
export function createRedactor(secrets: readonly string[]): (line: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARS)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
  // The longest first: one may be a part of another.
  const distinct = [...new Set(forms)].sort((a, b) => b.length - a.length)
  return (line) => {
    let text = line
    for (const form of distinct) text = text.replaceAll(form, HIDDEN)
    for (const [pattern, shown] of PATTERNS) text = text.replaceAll(pattern, shown)
    return text.replaceAll(UNESCAPED_CONTROL, escapeControl)
  }
}

function escapeControl(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
