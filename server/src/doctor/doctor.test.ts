import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { checkMachine } from './check-machine.ts'
import { judgeActivity, judgeSettings } from './database-judgement.ts'
import { explainNoDatabase } from './database-refusal.ts'
import { examine, exitCodeOf } from './doctor.ts'
import { ok, warning, problem, type Finding } from './finding.ts'
import { findingsText } from './findings-text.ts'
import { explainNoRedis } from './redis-refusal.ts'

const words = { zh: '中', en: 'english' }

describe('the doctor', () => {
  test('tells what all checks found, in their order', async () => {
    const checks = [
      {
        name: 'slow',
        look: () => new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => [ok('一', 'one')]),
      },
      { name: 'quick', look: async () => [ok('二', 'two'), warning(words, words)] },
    ]
    const found = await examine(checks, { clock: new ManualClock(), deadlineMs: 1_000 })
    expect(found.map(({ check, said }) => `${check} ${said.en}`)).toEqual(['slow one', 'quick two', 'quick english'])
  })

  test('does not wait for ever: a check that hangs is a problem, and is told to end', async () => {
    const clock = new ManualClock()
    let signal: AbortSignal | undefined
    const look = (given: AbortSignal): Promise<never> => {
      signal = given
      return new Promise(() => {})
    }
    const found = examine([{ name: 'hangs', look }], { clock, deadlineMs: 15_000 })
    await clock.pass(15_000)
    expect(await found).toMatchObject([
      { check: 'hangs', status: 'problem', said: { en: expect.stringContaining('15 s') } },
    ])
    expect(signal?.aborted).toBe(true)
    expect(clock.alarms).toBe(0)
  })

  test('a check that fails itself is a problem, and the others go on', async () => {
    const checks = [
      { name: 'broken', look: () => Promise.reject(new Error('a bug\nof two lines')) },
      { name: 'sound', look: async () => [ok('好', 'fine')] },
    ]
    const found = await examine(checks, { clock: new ManualClock(), deadlineMs: 1_000 })
    expect(found.map(({ check, status }) => [check, status])).toEqual([
      ['broken', 'problem'],
      ['sound', 'ok'],
    ])
    expect(found[0]?.said.en).toContain('a bug of two lines')
  })

  test('ends with 0, 1 or 2', () => {
    const of = (...status: Finding['status'][]): Finding[] =>
      status.map((one) => ({ check: 'x', status: one, said: words }))
    expect(exitCodeOf(of('ok', 'ok'))).toBe(0)
    expect(exitCodeOf(of('ok', 'warning'))).toBe(1)
    expect(exitCodeOf(of('problem', 'warning'))).toBe(2)
  })

  test('says what to do below what is wrong, in the language asked for', () => {
    const findings: Finding[] = [
      { check: 'redis', ...ok('好', 'fine') },
      { check: 'port', ...problem({ zh: '被占用', en: 'taken' }, { zh: '换一个', en: 'choose another' }) },
    ]
    expect(findingsText(findings, 'zh')).toBe(
      '[正常] redis      好\n[故障] port       被占用\n                  → 换一个\n\n1 个故障,0 个注意事项。',
    )
    expect(findingsText(findings, 'en')).toContain('[PROBLEM] port       taken\n')
    expect(findingsText(findings.slice(0, 1), 'en')).toContain('All is well.')
  })
})

describe('the machine', () => {
  test.each([
    ['20.18.9', undefined, ['problem']],
    ['20.19.0', undefined, ['ok']],
    ['22.1.0', 1_000_000, ['ok']],
    ['24.0.0', 1_024, ['ok', 'warning']],
  ])('Node %s with %s open files', (version, files, expected) => {
    expect(checkMachine(version, 20_000, files).map(({ status }) => status)).toEqual(expected)
  })
})

describe('why there is no connection', () => {
  const fault = (code: string, message = 'x'): Error =>
    new Error('PostgreSQL cannot be reached', { cause: Object.assign(new Error(message), { code }) })

  test.each([
    ['53300', 'taken'],
    ['57P03', 'starting up'],
    ['28000', 'may not log in'],
    ['CERT_HAS_EXPIRED', 'certificate'],
    ['EHOSTUNREACH', 'no answer'],
  ])('%s of PostgreSQL is explained', (code, expected) => {
    expect(explainNoDatabase(fault(code), 'db:5432').said.en).toContain(expected)
  })

  test('what is not known is named, and nothing of it but its code', () => {
    expect(explainNoDatabase(fault('EWEIRD'), 'db:5432').said.en).toBe('db:5432: cannot connect (EWEIRD)')
  })

  test.each([
    ['NOAUTH Authentication required.', 'wants a password'],
    ['NOPERM this user has no permissions', 'ACL'],
    ['getaddrinfo ENOTFOUND cache', 'host name'],
    ['', 'no answer'],
  ])('%j of Redis is explained', (message, expected) => {
    expect(explainNoRedis(new Error(message), 'cache:6379').said.en).toContain(expected)
  })
})

describe('what goes on in the database', () => {
  const calm = {
    bytes: 5_000_000,
    longestTransactionS: 0,
    longestTransactionPid: null,
    lockWaits: 0,
    preparedTransactions: 0,
    wraparound: 0.01,
  }

  test.each([
    ['nothing', {}, []],
    ['a transaction nobody ends', { longestTransactionS: 3_600, longestTransactionPid: 77 }, ['warning', 'process 77']],
    ['statements in front of a lock', { lockWaits: 2 }, ['warning', '2 statements']],
    ['a transaction that was prepared and left', { preparedTransactions: 1 }, ['warning', '1 prepared']],
    ['transaction ids that run out', { wraparound: 0.8 }, ['problem', '80 %']],
  ])('%s', (_title, change, [status = '', text = '']) => {
    const bad = judgeActivity({ ...calm, ...change }).filter((symptom) => symptom.status !== 'ok')
    expect(bad.map((symptom) => symptom.status).join()).toBe(status)
    expect(bad.map(({ said }) => said.en).join()).toContain(text)
  })

  test('a server that is too old, encodes otherwise, or has no room left', () => {
    const settings = {
      version: 180_001,
      fsync: 'on',
      fullPageWrites: 'on',
      synchronousCommit: 'on',
      encoding: 'UTF8',
      maxConnections: 100,
      usedConnections: 10,
    }
    const statuses = (change: object): readonly string[] =>
      judgeSettings({ ...settings, ...change }, 'db').map(({ status }) => status)
    expect(statuses({})).toEqual(['ok'])
    expect(statuses({ version: 150_004 })).toEqual(['problem'])
    expect(statuses({ encoding: 'LATIN1' })).toEqual(['ok', 'problem'])
    expect(statuses({ usedConnections: 95 })).toEqual(['ok', 'warning'])
    expect(statuses({ fsync: 'off', fullPageWrites: 'off', synchronousCommit: 'local' })).toEqual([
      'ok',
      'problem',
      'problem',
      'problem',
    ])
    expect(statuses({ synchronousCommit: 'remote_apply' })).toEqual(['ok'])
  })
})
