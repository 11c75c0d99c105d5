import type { Group, GroupApplication } from '@hongyan/client-sdk'
import { readonly, shallowReactive } from 'vue'
import { chat, EVENT, listen, TYPES } from './chat.ts'

/** The groups the user is in, newest news first as the SDK gives them; copies, because the SDK changes its objects in place. */
export interface GroupList {
  all: readonly Group[]
  isLoaded: boolean
  /** What waits for the user's decision. */
  applications: readonly GroupApplication[]
}

const state = shallowReactive<GroupList>({ all: [], isLoaded: false, applications: [] })

export const groups = readonly(state) as Readonly<GroupList>

/** Begins to follow the list; once, when the instance is there. */
export function followGroups(): void {
  listen(EVENT.SDK_READY, () => void load())
  listen(EVENT.GROUP_LIST_UPDATED, take)
  listen(EVENT.SDK_NOT_READY, () => chat.getLoginUser() === '' && forgetAll())
  listen(EVENT.MESSAGE_RECEIVED, (messages) => {
    if (messages.some(({ type }) => type === TYPES.MSG_GRP_SYS_NOTICE)) void loadApplications()
  })
}

export function groupOf(groupID: string): Group | undefined {
  return state.all.find((group) => group.groupID === groupID)
}

/** Rejects with TIM's code. */
export async function loadApplications(): Promise<void> {
  state.applications = (await chat.getGroupApplicationList()).data.applicationList
}

/** Rejects with TIM's code; 10024 when somebody was faster. */
export async function decide(application: GroupApplication, answer: 'Agree' | 'Reject'): Promise<void> {
  try {
    await chat.handleGroupApplication({ handleAction: answer, application })
  } finally {
    await loadApplications().catch(() => undefined)
  }
}

async function load(): Promise<void> {
  take((await chat.getGroupList()).data.groupList)
  await loadApplications()
}

function take(list: readonly Group[]): void {
  state.all = list.map((group) => ({ ...group, selfInfo: { ...group.selfInfo } }))
  state.isLoaded = true
}

function forgetAll(): void {
  Object.assign(state, { all: [], isLoaded: false, applications: [] })
}
