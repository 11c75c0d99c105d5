import { parseUserId, type UserId } from '@hongyan/protocol'
import type { NewAccount } from './accounts/account-writer.ts'
import type { DemoUser } from './http/web-page.ts'

function person(id: string, nick: string, role: DemoUser['role']): DemoUser & { readonly userId: UserId } {
  const userId = parseUserId(id)
  if (userId === undefined) throw new Error(`not a user id: ${id}`)
  return { userId, userID: id, nick, role }
}

const PEOPLE = [
  person('t_2001', '王老师', 'teacher'),
  person('t_2002', '李老师', 'teacher'),
  person('p_1001', '小明妈妈', 'parent'),
  person('p_1002', '小红爸爸', 'parent'),
  person('p_1003', '小刚奶奶', 'parent'),
  person('administrator', '管理员', 'administrator'),
]

/** Who may be tried in demo mode, as the web page is told. */
export const DEMO_PEOPLE: readonly DemoUser[] = PEOPLE.map(({ userID, nick, role }) => ({ userID, nick, role }))

export const DEMO_ACCOUNTS: readonly NewAccount[] = PEOPLE.map(({ userId, nick }) => ({ userId, nick }))
