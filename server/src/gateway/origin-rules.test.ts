import { describe, expect, test } from 'vitest'
import { isOriginAllowed } from './origin-rules.ts'

const ALLOWED = ['https://oa.school.example', 'https://app.example:8443']

describe('S-WS3: may a page of this origin connect?', () => {
  test.each([
    ['a client that is no page', undefined, 'im.school.example'],
    ['the server’s own page', 'https://im.school.example', 'im.school.example'],
    ['its own page on its own port', 'http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['its own page, the host in capitals', 'https://im.school.example', 'IM.School.Example'],
    ['its own page, the origin in capitals', 'HTTPS://IM.school.EXAMPLE', 'im.school.example'],
    ['an IPv6 host', 'http://[::1]:3000', '[::1]:3000'],
    ['a page on the list', 'https://oa.school.example', 'im.school.example'],
    ['a page on the list with its port', 'https://app.example:8443', undefined],
  ])('yes: %s', (_what, origin, host) => {
    expect(isOriginAllowed(origin, host, ALLOWED)).toBe(true)
  })

  test.each([
    ['another site', 'https://evil.example', 'im.school.example'],
    ['null, as a sandboxed frame or a file says', 'null', 'im.school.example'],
    ['null against a host called null', 'null', 'null'],
    ['an empty origin', '', 'im.school.example'],
    ['a longer name', 'https://im.school.example.evil.example', 'im.school.example'],
    ['a prefix in the name', 'https://evil-im.school.example', 'im.school.example'],
    ['a sub-domain of ours', 'https://x.im.school.example', 'im.school.example'],
    ['the domain above', 'https://school.example', 'im.school.example'],
    ['a user in front of the host', 'https://im.school.example@evil.example', 'im.school.example'],
    ['our name as the user', 'https://oa.school.example@evil.example', undefined],
    ['a path', 'https://im.school.example/', 'im.school.example'],
    ['a longer path', 'https://im.school.example/evil', 'im.school.example'],
    ['a query', 'https://im.school.example?', 'im.school.example'],
    ['a fragment', 'https://im.school.example#', 'im.school.example'],
    ['another port', 'http://127.0.0.1:4000', '127.0.0.1:3000'],
    ['the port missing', 'https://app.example', undefined],
    ['the scheme of the list changed', 'http://oa.school.example', 'im.school.example'],
    ['a backslash', 'https://im.school.example\\@evil.example', 'im.school.example'],
    ['a space', ' https://im.school.example', 'im.school.example'],
    ['a line end', 'https://im.school.example\n', 'im.school.example'],
    ['two origins', 'https://im.school.example https://evil.example', 'im.school.example'],
    ['a file', 'file://', ''],
    ['a file against no host', 'file://', undefined],
    ['a browser extension', 'chrome-extension://abcdef', 'abcdef'],
    ['a data address', 'data:text/html,x', ''],
    ['a full stop at the end', 'https://im.school.example.', 'im.school.example'],
    ['a letter that only looks like ours', 'https://im.schооl.example', 'im.school.example'],
    ['no host to compare with', 'https://im.school.example', undefined],
    ['a bare name', 'im.school.example', 'im.school.example'],
  ])('no: %s', (_what, origin, host) => {
    expect(isOriginAllowed(origin, host, ALLOWED)).toBe(false)
  })
})
