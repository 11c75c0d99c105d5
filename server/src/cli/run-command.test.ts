import { describe, expect, test } from 'vitest'
import { BadArguments, type CliCommand } from './command.ts'
import { runCommand } from './run-command.ts'

const doctor: CliCommand = {
  name: 'doctor',
  usage: '[--json]',
  help: 'looks',
  helpZh: '检查',
  run: async (args) => {
    if (args.includes('--bad')) throw new BadArguments('--bad is no option')
    return args.length
  },
}

async function run(...args: readonly string[]) {
  const lines: { out: string[]; err: string[] } = { out: [], err: [] }
  const code = await runCommand([doctor], args, {
    environment: {},
    out: (text) => void lines.out.push(text),
    err: (text) => void lines.err.push(text),
  })
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') }
}

describe('the command hongyan', () => {
  test('runs the verb with its arguments and ends with its code', async () => {
    expect(await run('doctor', 'a')).toEqual({ code: 1, out: '', err: '' })
  })

  test('names every verb in both languages', async () => {
    const { code, out } = await run('help')
    expect(code).toBe(0)
    expect(out).toContain('hongyan doctor [--json]')
    expect(out).toContain('检查')
  })

  test('explains one verb instead of running it', async () => {
    expect(await run('doctor', '--help')).toMatchObject({ code: 0, err: '' })
  })

  test('says what is wrong in a line and ends with 2', async () => {
    expect(await run('doctor', '--bad')).toEqual({ code: 2, out: '', err: 'hongyan doctor: --bad is no option' })
    expect(await run('docter')).toMatchObject({ code: 2, err: expect.stringContaining('"docter"') })
    expect((await run()).code).toBe(2)
  })
})
