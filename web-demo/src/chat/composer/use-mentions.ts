import { computed, ref, watch, type Ref } from 'vue'
import { TYPES } from '../../im/chat.ts'
import { loadOtherMembers, mayCallAll } from '../../im/mentionable.ts'
import type { OpenChat } from '../../im/open-chat.ts'
import {
  findMentionable,
  mentionedIn,
  mentionQueryAt,
  withMention,
  withoutMentionBefore,
  type Edited,
  type Mentionable,
  type MentionQuery,
} from './mention-rules.ts'
import { composerWords as words } from './words.ts'

/** TIM's: more names than this in one message are refused. */
const MAX_NAMES = 30
/** Whom unsent drafts call, as long as the tab lives: the draft itself keeps the text alone. */
const chosenBefore = new Map<string, readonly Mentionable[]>()
const KEPT_DRAFTS = 50

/** The list of members that opens behind an @, and those who were chosen from it. Groups only. */
export function useMentions({ type, to, group, conversationID }: OpenChat, text: Ref<string>) {
  const members = ref<readonly Mentionable[]>([])
  const query = ref<MentionQuery>()
  const active = ref(0)
  const chosen = ref<readonly Mentionable[]>(chosenBefore.get(conversationID) ?? [])
  let loading: Promise<void> | undefined

  const everybody = computed<readonly Mentionable[]>(() =>
    mayCallAll(group.value?.selfInfo.role ?? '')
      ? [{ userID: TYPES.MSG_AT_ALL, name: words.value.everybody, nick: 'all', avatar: '' }]
      : [],
  )
  const found = computed(() =>
    query.value ? findMentionable([...everybody.value, ...members.value], query.value.text) : [],
  )
  watch(found, () => (active.value = 0))
  watch(chosen, (now) => {
    chosenBefore.delete(conversationID)
    if (now.length > 0) chosenBefore.set(conversationID, now)
    for (const oldest of chosenBefore.keys()) if (chosenBefore.size > KEPT_DRAFTS) chosenBefore.delete(oldest)
  })

  async function load(): Promise<void> {
    const list = await loadOtherMembers(to)
    members.value = list.map(({ userID, nick, nameCard, avatar }) => {
      return { userID, nick, avatar, name: nameCard || nick || userID }
    })
  }

  /** Looks at what is written before the caret; members are asked for when they are wanted, and anew each time. */
  function look(caret: number): void {
    const before = query.value
    query.value = type === 'GROUP' ? mentionQueryAt(text.value, caret) : undefined
    if (!query.value || before) return
    loading ??= load()
      .catch(() => undefined)
      .finally(() => (loading = undefined))
  }

  function close(): void {
    query.value = undefined
  }

  /** The text with the name of whom was chosen. */
  function choose(one: Mentionable, caret: number): Edited | undefined {
    if (!query.value) return undefined
    const edited = withMention(text.value, caret, query.value, one.name)
    chosen.value = [...chosen.value.filter(({ userID }) => userID !== one.userID), one].slice(-MAX_NAMES)
    close()
    return edited
  }

  return {
    /** Something is written behind an @ for which there may be names. */
    isOpen: computed(() => query.value !== undefined && (found.value.length > 0 || members.value.length === 0)),
    found,
    active,
    look,
    close,
    choose,
    move: (by: number) => (active.value = (active.value + by + found.value.length) % Math.max(1, found.value.length)),
    /** For the key that deletes backwards. */
    erase: (caret: number) => withoutMentionBefore(text.value, caret, chosen.value),
    called: () => (type === 'GROUP' ? mentionedIn(text.value, chosen.value) : []),
    forget: () => (chosen.value = []),
  }
}
