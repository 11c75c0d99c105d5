import { isIP } from 'node:net'
import { parseUserId, type UserId } from '@hongyan/protocol'
import { secretFault } from '../auth/key-ring.ts'
import type { Parse } from './option.ts'
import { Secret } from './secrets.ts'

const MAX_DIGITS = 15
const MAX_LIST_ITEMS = 1000

/** A value that may be absent. */
export function optional<Value>(parse: Parse<Value>): Parse<Value | undefined> {
  return (text) => (text === '' ? { value: undefined } : parse(text))
}

/** Any text that is not empty. */
export function text(what: string): Parse<string> {
  return (written) => (written === '' ? { wanted: what } : { value: written })
}

export function wholeNumber(min: number, max: number): Parse<number> {
  const wanted = `a whole number from ${min} to ${max}`
  return (written) => {
    const isNumber = /^\d+$/.test(written) && written.length <= MAX_DIGITS
    const value = Number(written)
    return isNumber && value >= min && value <= max ? { value } : { wanted }
  }
}

export function oneOf<const Word extends string>(...words: readonly Word[]): Parse<Word> {
  return (written) => {
    const value = words.find((word) => word === written)
    return value === undefined ? { wanted: `one of ${words.join(', ')}` } : { value }
  }
}

export function onOff(): Parse<boolean> {
  return (written) => {
    if (written === 'on') return { value: true }
    return written === 'off' ? { value: false } : { wanted: 'on or off' }
  }
}

/** Items separated by commas or line ends, blanks around them ignored; none for an empty text. No item may be there twice. */
export function list<Item>(parseItem: Parse<Item>, maxItems = MAX_LIST_ITEMS): Parse<readonly Item[]> {
  return (written) => {
    const texts = written.split(/[,\n]/).map((item) => item.trim())
    if (written === '') return { value: [] }
    if (texts.length > maxItems) return { wanted: `at most ${maxItems} items` }
    if (new Set(texts).size < texts.length) return { wanted: 'a list in which nothing is twice' }
    const values: Item[] = []
    for (const item of texts) {
      const parsed = parseItem(item)
      if ('wanted' in parsed) return { wanted: `a list, separated by commas, each item ${parsed.wanted}` }
      values.push(parsed.value)
    }
    return { value: values }
  }
}

/** `word=number`, such as `meeting=30`. */
export function numbered<const Word extends string>(
  words: readonly Word[],
  parseNumber: Parse<number>,
): Parse<readonly [Word, number]> {
  return (written) => {
    const [name, rest = '', ...more] = written.split('=').map((part) => part.trim())
    const word = words.find((known) => known === name)
    const parsed = parseNumber(rest)
    if (word === undefined || more.length > 0 || 'wanted' in parsed)
      return { wanted: `one of ${words.join(', ')}, then = and ${'wanted' in parsed ? parsed.wanted : 'a number'}` }
    return { value: [word, parsed.value] }
  }
}

export function userId(): Parse<UserId> {
  return (written) => {
    const value = parseUserId(written)
    return value === undefined ? { wanted: 'a user id: 1 to 32 bytes without blanks' } : { value }
  }
}

/** A key that signs userSigs. */
export function signingSecret(): Parse<Secret> {
  return (written) => {
    const fault = secretFault(written)
    return fault === undefined ? { value: new Secret(written) } : { wanted: `a secret key (${fault})` }
  }
}

/** The address of a service; a password in it is not shown in logs. */
export function serviceUrl(example: string, ...protocols: readonly string[]): Parse<Secret> {
  const wanted = `an address such as ${example}`
  return (written) => {
    const url = parseUrl(written)
    if (!url || !protocols.includes(url.protocol) || url.hostname === '') return { wanted }
    return { value: new Secret(written, withoutPassword(url)) }
  }
}

/** The address of a service over HTTP, without anything that could hold a password. */
export function httpAddress(): Parse<string> {
  return (written) => {
    const url = parseUrl(written)
    const isPlain = url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === ''
    return isPlain
      ? { value: url.href.replace(/\/+$/, '') }
      : { wanted: 'an address such as https://s3.school.example' }
  }
}

/** A bucket of an S3 store, as AWS allows their names. */
export function bucketName(): Parse<string> {
  return (written) =>
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(written)
      ? { value: written }
      : { wanted: 'the name of a bucket: 3 to 63 small letters, digits, dots and hyphens' }
}

/** A text that no log may show. */
export function secretText(): Parse<Secret> {
  return (written) => (written === '' ? { wanted: 'a secret' } : { value: new Secret(written) })
}

/** Where a service listens that speaks no HTTP. */
export function hostAndPort(): Parse<{ readonly host: string; readonly port: number }> {
  return (written) => {
    const [, bracketed, plain, digits = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@]+)):(\d{1,5})$/.exec(written) ?? []
    const host = bracketed ?? plain
    const port = Number(digits)
    return host !== undefined && port > 0 && port < 65_536
      ? { value: { host, port } }
      : { wanted: 'a host and a port such as clamav:3310' }
  }
}

/** An IP address, or a network as address and prefix length. */
export function addressRange(): Parse<string> {
  return (written) => {
    const [address = '', bits, ...more] = written.split('/')
    const family = isIP(address)
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
    return family !== 0 && isPrefix && more.length === 0
      ? { value: written.toLowerCase() }
      : { wanted: 'an address or a network such as 10.0.0.5 or 172.16.0.0/12' }
  }
}

/** A web origin: scheme, host and port, and nothing after them. */
export function webOrigin(): Parse<string> {
  return (written) => {
    const url = parseUrl(written)
    const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.origin === written.toLowerCase()
    return isOrigin ? { value: url.origin } : { wanted: 'an origin such as https://school.example' }
  }
}

function parseUrl(written: string): URL | undefined {
  return URL.canParse(written) ? new URL(written) : undefined
}

function withoutPassword(url: URL): string {
  const shown = new URL(url.href)
  if (shown.password !== '') shown.password = '***'
  // A connection string may carry its password as a parameter too.
  shown.search = ''
  return shown.href
}
