import type { Message } from '@hongyan/client-sdk'
import type { Language } from './language.ts'

/** What a system notice tells of a group. */
export interface Notice {
  readonly operation: number
  readonly by: string
  readonly group: string
  readonly groupID: string
  /** What the applicant or the one who decided wrote. */
  readonly text: string
  /** Somebody asks to be let in, and this user may decide. */
  readonly isApplication: boolean
}

const APPLIED = 1
const CUSTOM = 255
/** Somebody wants to bring somebody in; that is decided like an application. */
const INVITATION = 12

type Sentence = (by: string, group: string) => string

const SENTENCES: Readonly<Record<Language, Readonly<Record<number, Sentence>>>> = {
  zh: {
    1: (by, group) => `${by} 申请加入“${group}”`,
    2: (_, group) => `你加入“${group}”的申请已通过`,
    3: (_, group) => `你加入“${group}”的申请被拒绝`,
    4: (by, group) => `${by} 把你移出了“${group}”`,
    5: (by, group) => `${by} 解散了“${group}”`,
    6: (_, group) => `群“${group}”已创建`,
    7: (by, group) => `${by} 邀请你加入了“${group}”`,
    8: (_, group) => `你退出了“${group}”`,
    9: (by, group) => `${by} 把你设为“${group}”的管理员`,
    10: (by, group) => `${by} 取消了你在“${group}”的管理员身份`,
    12: (by, group) => `${by} 想邀请人加入“${group}”`,
    13: (by, group) => `${by} 同意了加入“${group}”的邀请`,
    14: (by, group) => `${by} 拒绝了加入“${group}”的邀请`,
    21: (_, group) => `你被禁止再加入“${group}”`,
    255: (_, group) => `来自“${group}”的通知`,
  },
  en: {
    1: (by, group) => `${by} asks to join “${group}”`,
    2: (_, group) => `You were let into “${group}”`,
    3: (_, group) => `You were not let into “${group}”`,
    4: (by, group) => `${by} removed you from “${group}”`,
    5: (by, group) => `${by} dismissed “${group}”`,
    6: (_, group) => `“${group}” was created`,
    7: (by, group) => `${by} brought you into “${group}”`,
    8: (_, group) => `You left “${group}”`,
    9: (by, group) => `${by} made you an administrator of “${group}”`,
    10: (by, group) => `You are no longer an administrator of “${group}” (${by})`,
    12: (by, group) => `${by} wants to bring somebody into “${group}”`,
    13: (by, group) => `${by} accepted the invitation to “${group}”`,
    14: (by, group) => `${by} declined the invitation to “${group}”`,
    21: (_, group) => `You can no longer join “${group}”`,
    255: (_, group) => `From “${group}”`,
  },
}

export function readNotice(payload: Message['payload']): Notice {
  const operator = objectAt(payload['operatorInfo'])
  const group = objectAt(payload['groupProfile'])
  const operation = Number(payload['operationType'])
  const groupID = textOf(group['groupID'])
  return {
    operation,
    by: textOf(operator['nick']) || textOf(operator['userID']),
    group: textOf(group['name']) || groupID,
    groupID,
    text: textOf(payload[operation === CUSTOM ? 'userDefinedField' : 'handleMessage']),
    isApplication: operation === APPLIED || operation === INVITATION,
  }
}

/** One sentence, without what was written along with it. */
export function noticeSentence({ operation, by, group }: Notice, language: Language): string {
  const sentence = SENTENCES[language][operation] ?? SENTENCES[language][CUSTOM]
  return sentence?.(by, group) ?? group
}

function objectAt(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
