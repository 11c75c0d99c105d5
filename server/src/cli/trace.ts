import { parseArgs } from 'node:util'
import { envToConfig } from '../config/config.ts'
import { systemClock } from '../kit/clock.ts'
import { parseMessageId, parsePlace, parseSent, type MessageName } from '../trace/message-name.ts'
import { traceMessage } from '../trace/trace.ts'
import { traceText } from '../trace/trace-text.ts'
import { askPresence } from './ask-presence.ts'
import { BadArguments, type CliCommand } from './command.ts'
import { noteContentRead } from './content-audit.ts'
import { languageOf } from './language.ts'
import { withStore } from './store-pool.ts'

const OPTIONS = {
  user: { type: 'string' },
  sender: { type: 'string' },
  'client-id': { type: 'string' },
  members: { type: 'string', default: '50' },
  'with-content': { type: 'boolean', default: false },
  reason: { type: 'string' },
  lang: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const
const MAX_REASON_CHARS = 200

export const traceCommand: CliCommand = {
  name: 'trace',
  usage:
    'MESSAGE-ID | CONVERSATION NUMBER [--user USER] | --sender USER --client-id ID  [--members N] [--with-content --reason TEXT] [--lang zh|en] [--json]',
  help: 'says where a message is: stored when, in which state, who can see it, who has read it, which devices it was pushed to; never its content unless asked for, which is written down; 1 when there is none',
  helpZh:
    '查一条消息的去向:何时存储、状态、谁能看到、谁已读、推送到哪些设备;默认不显示内容,--with-content 显示内容并留下审计记录;找不到时退出码为 1',
  async run(args, { environment, out }) {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const name = nameOf(positionals, values)
    const members = numberOf(values.members)
    const language = languageOf(values.lang, environment)
    const { 'with-content': withContent, reason } = values
    if (withContent && !reason?.trim()) throw new BadArguments('--with-content needs --reason: who asked, and why')
    const config = envToConfig(environment)
    if (withContent) {
      noteContentRead(config.dataDir, {
        message: positionals.join(' ') || JSON.stringify(name),
        reason: (reason ?? '').slice(0, MAX_REASON_CHARS),
      })
    }
    const whereabouts = (userIds: readonly string[]): ReturnType<typeof askPresence> => askPresence(config, userIds)
    const trace = await withStore(config, { name: 'trace' }, (db) =>
      traceMessage({ db, clock: systemClock, whereabouts }, name, { members, withContent }),
    )
    out(values.json ? JSON.stringify(trace, null, 2) : traceText(trace, language))
    return trace.found ? 0 : 1
  },
}

function nameOf(
  [first, second, ...more]: readonly string[],
  {
    user,
    sender,
    'client-id': clientId,
  }: { user?: string | undefined; sender?: string | undefined; 'client-id'?: string | undefined },
): MessageName {
  if (more.length > 0) throw new BadArguments('one message at a time')
  if (sender !== undefined || clientId !== undefined) {
    const name = first === undefined ? parseSent(sender ?? '', clientId ?? '') : undefined
    if (name) return name
    throw new BadArguments('--sender USER and --client-id ID name a message together, and alone')
  }
  if (first === undefined) throw new BadArguments('which message? Give its ID, or a conversation and the number in it')
  const name = second === undefined ? parseMessageId(first) : parsePlace(first, second, user)
  if (name) return name
  throw new BadArguments(
    second === undefined
      ? 'a message ID is <number>-<time>-<random>, as message.ID shows it'
      : 'a conversation is GROUP<group>, c2c:<user>:<user>, or C2C<peer> with --user; its number is message.sequence',
  )
}

function numberOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new BadArguments('--members is a whole number from 0 to 999999')
  return Number(text)
}
