/** The server's limit, which is TIM's: the elements and the custom data of one message as JSON, in bytes of UTF-8. */
const LIMIT_BYTES = 12 * 1024
/** What stands around the text: `[{"type":"text","text":…}]`, and some room. */
const ENVELOPE_BYTES = 128

/** How many bytes of the text are too many; 0 when it fits. */
export function excessBytes(text: string, cloudCustomData: string): number {
  const bytes = jsonBytes(text) + (cloudCustomData === '' ? 0 : jsonBytes(cloudCustomData)) + ENVELOPE_BYTES
  return Math.max(0, bytes - LIMIT_BYTES)
}

function jsonBytes(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length
}
