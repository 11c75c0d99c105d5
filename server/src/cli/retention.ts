import { parseArgs } from 'node:util'
import { conversationTimeline, parseConversationId, type ConversationId } from '@hongyan/protocol'
import { envToConfig, type Config } from '../config/config.ts'
import type { Db } from '../db/db.ts'
import { systemClock } from '../kit/clock.ts'
import { RetentionService } from '../retention/retention-service.ts'
import { setRule } from '../retention/retention-writer.ts'
import { BadArguments, type CliCommand, type CliIo } from './command.ts'
import { withStore } from './store-pool.ts'

type Rule = Parameters<typeof setRule>[2]

export const retentionCommand: CliCommand = {
  name: 'retention',
  usage: '--dry-run | set CONVERSATION --days N|default | hold CONVERSATION --because TEXT | release CONVERSATION',
  help: 'counts what the settings would remove now; gives one conversation a rule of its own, or holds all of it',
  helpZh: '统计按当前设置将被删除的内容;为单个会话设置保留天数,或因取证等原因冻结(hold)其全部内容',
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { 'dry-run': { type: 'boolean' }, days: { type: 'string' }, because: { type: 'string' } },
    })
    const config = envToConfig(io.environment)
    const [verb, conversation, ...more] = positionals
    if (verb === undefined && values['dry-run'] === true)
      return withStore(config, { name: 'retention' }, (db) => count(db, config, io))
    if (verb === undefined || conversation === undefined || more.length > 0)
      throw new BadArguments('say --dry-run, or set, hold or release and a conversation, such as group:class-3')
    const rule = ruleOf(verb, values.days, values.because)
    const timeline = conversationTimeline(mustParse(conversation))
    const isKnown = await withStore(config, { name: 'retention' }, (db) =>
      db.transaction((tx) => setRule(tx, timeline, rule)),
    )
    if (!isKnown) throw new BadArguments(`there is no conversation ${conversation}`)
    io.out(`${conversation}: done`)
    return 0
  },
}

async function count(db: Db, { retention }: Config, { out }: CliIo): Promise<number> {
  const service = new RetentionService({
    db,
    announcer: { announceAll: () => {} },
    policy: { days: retention.days, daysOf: new Map(retention.daysOf) },
    clock: systemClock,
    onRemoved: () => {},
  })
  let [messages, files, conversations] = [0, 0, 0]
  for await (const found of service.wouldGo()) {
    out(`${found.timeline.slice(2)}: ${found.messages} messages, ${found.files} files`)
    messages += found.messages
    files += found.files
    conversations++
  }
  out(`in all ${messages} messages and ${files} files in ${conversations} conversations would be removed`)
  return 0
}

function ruleOf(verb: string, days: string | undefined, because: string | undefined): Rule {
  if (verb === 'hold') {
    if (because === undefined || because.trim() === '') throw new BadArguments('say why: --because TEXT')
    return { heldBecause: because }
  }
  if (verb === 'release') return { heldBecause: null }
  if (verb !== 'set') throw new BadArguments(`there is no ${JSON.stringify(verb)}; it is set, hold or release`)
  if (days === 'default') return { days: null }
  if (days === undefined || !/^\d{1,5}$/.test(days)) throw new BadArguments('--days is a whole number, or default')
  return { days: Number(days) }
}

function mustParse(text: string): ConversationId {
  if (parseConversationId(text) === undefined)
    throw new BadArguments(`${JSON.stringify(text)} is no conversation; it is c2c:a:b or group:id`)
  return text as ConversationId
}
