import {
  c2cConversationId,
  groupConversationId,
  parseGroupId,
  parseUserId,
  PROTOCOL_VERSION,
  Refused,
  type ConversationId,
  type UserId,
} from '@hongyan/protocol'
import type { Account } from './accounts/account-reader.ts'
import type { Context } from './context.ts'
import { DEMO_PEOPLE } from './demo-people.ts'
import type { Actor } from './logins/actor.ts'

// What a trial starts with: a class with its teachers and parents, some words in it, and a note to the teacher.

const CLASS = mustBe(parseGroupId('class_3_2'))
const [TEACHER, COLLEAGUE, MOTHER, FATHER, GRANDMOTHER] = ['t_2001', 't_2002', 'p_1001', 'p_1002', 'p_1003'].map((id) =>
  mustBe(parseUserId(id)),
) as [UserId, UserId, UserId, UserId, UserId]
const IN_CLASS = groupConversationId(CLASS)
const REQUEST_ID = 'demo-school'

interface Line {
  readonly from: UserId
  readonly in: ConversationId
  readonly text: string
  readonly needsReceipt?: true
}

const LINES: readonly Line[] = [
  {
    from: TEACHER,
    in: IN_CLASS,
    text: '各位家长好！本周五下午三点在学校礼堂召开家长会，请准时参加，收到请回复。',
    needsReceipt: true,
  },
  { from: MOTHER, in: IN_CLASS, text: '收到，谢谢王老师！' },
  { from: FATHER, in: IN_CLASS, text: '收到，我会准时到 👍' },
  { from: COLLEAGUE, in: IN_CLASS, text: '数学练习册第 32 页请家长签字，明天让孩子带来。' },
  {
    from: GRANDMOTHER,
    in: c2cConversationId(GRANDMOTHER, TEACHER),
    text: '王老师，小刚今天有点发烧，想请半天假。',
  },
]

/**
 * Founds the demo class, unless there is or was one. A start that is cut short in the middle leaves out the rest; what is
 * said is stored once.
 */
export async function foundDemoSchool(context: Context): Promise<void> {
  const accounts = await context.services.accounts.ensure(DEMO_PEOPLE.map(({ userID }) => mustBe(parseUserId(userID))))
  const accountOf = (userId: UserId): Account => mustBe(accounts.find(({ id }) => id === userId))
  try {
    if (!(await withActor(context, accountOf(TEACHER), (teacher) => foundClass(context, teacher)))) return
    for (const [index, line] of LINES.entries()) {
      await withActor(context, accountOf(line.from), (author) => say(context, author, line, index))
    }
  } catch (err) {
    // It was dismissed, or somebody of it removed: what people did with their class stays as it is.
    if (!(err instanceof Refused)) throw err
  }
}

/** False when there is one. */
async function foundClass({ services }: Context, teacher: Actor): Promise<boolean> {
  const { groups, founding } = services.groups
  const [existing] = await groups.find(teacher, [CLASS])
  if (existing) return false
  const members = DEMO_PEOPLE.filter(({ role, userID }) => role !== 'administrator' && userID !== TEACHER)
  await founding.create(teacher, {
    requestId: REQUEST_ID,
    groupId: CLASS,
    type: 'public',
    name: '三年级二班',
    introduction: '家校联系群',
    notice: '本周五下午三点家长会，地点：学校礼堂。请假请提前私信王老师。',
    joinOption: 'approval',
    members: members.map(({ userID, role }) => ({
      userId: mustBe(parseUserId(userID)),
      role: role === 'teacher' ? 'admin' : 'member',
    })),
  })
  return true
}

async function say({ services }: Context, actor: Actor, line: Line, index: number): Promise<void> {
  await services.messaging.send(actor, {
    conversationId: line.in,
    clientMsgId: `${REQUEST_ID}-${index}`,
    elements: [{ type: 'text', text: line.text }],
    ...(line.needsReceipt && { needsReceipt: true }),
  })
}

/** Nobody acts without a login, so each of them is in for as long as it takes. */
async function withActor<Result>(
  { websocket }: Context,
  account: Account,
  act: (actor: Actor) => Promise<Result>,
): Promise<Result> {
  const { door } = websocket.session
  const login = { protocolVersion: PROTOCOL_VERSION, sdkAppId: 0, userId: account.id, userSig: '' }
  const loginKey = await door.admit(account, { ...login, instanceId: REQUEST_ID, device: 'node' }, REQUEST_ID)
  try {
    return await act({
      loginKey,
      userId: account.id,
      accountKey: account.key,
      nick: account.nick,
      avatar: account.avatar,
    })
  } finally {
    await door.release(loginKey)
  }
}

function mustBe<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the demo school names somebody who is not there')
  return value
}
