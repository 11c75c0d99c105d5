import { describe, expect, test } from 'vitest'
import { parseConnectionUrl } from './connection-target.ts'
import { StartRefused } from './start-refused.ts'

describe('a database URL', () => {
  test('names host, port, user, password and database', () => {
    expect(parseConnectionUrl('postgres://im:p%40ss@db.school.example:6432/chat')).toEqual({
      address: { host: 'db.school.example', port: 6432 },
      user: 'im',
      password: 'p@ss',
      database: 'chat',
      tlsMode: 'prefer',
      tlsAuthority: undefined,
    })
  })

  test('may leave out the port, the password and the database', () => {
    expect(parseConnectionUrl('postgresql://im@db')).toMatchObject({
      address: { host: 'db', port: 5432 },
      password: '',
      database: 'im',
    })
  })

  test('may lead to a socket, or to an IPv6 address', () => {
    expect(parseConnectionUrl('postgres://im@localhost/chat?host=%2Frun%2Fpostgres').address).toEqual({
      path: '/run/postgres/.s.PGSQL.5432',
    })
    expect(parseConnectionUrl('postgres://im@%2Frun%2Fpostgres/chat?port=6000').address).toEqual({
      path: '/run/postgres/.s.PGSQL.6000',
    })
    expect(parseConnectionUrl('postgres://im@[::1]:5433/chat').address).toEqual({ host: '::1', port: 5433 })
  })

  test('on this machine is not encrypted unless it asks to be', () => {
    expect(parseConnectionUrl('postgres://im@127.0.0.1/chat').tlsMode).toBe('disable')
    expect(parseConnectionUrl('postgres://im@127.0.0.1/chat?sslmode=require').tlsMode).toBe('require')
  })

  test.each([
    ['no url', 'is not a URL'],
    ['mysql://im@db/chat', 'begins with mysql:'],
    ['postgres://db/chat', 'names no user'],
    ['postgres://im:100%@db/chat', 'write %25'],
    ['postgres://im@db/chat?port=none', 'port none'],
    ['postgres://im@db/chat?sslmode=maybe', 'sslmode=maybe'],
    ['postgres://im@db/chat?target_session_attrs=primary', 'target_session_attrs'],
    ['postgres://im@db/chat?sslrootcert=/none/such', '/none/such'],
  ])('%s is refused', (url, reason) => {
    expect(() => parseConnectionUrl(url)).toThrow(StartRefused)
    expect(() => parseConnectionUrl(url)).toThrow(reason)
  })

  test('is never shown when it is refused: it holds a password', () => {
    expect(() => parseConnectionUrl('postgres://im:s3cret@[broken/chat')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('s3cret') }),
    )
  })
})
