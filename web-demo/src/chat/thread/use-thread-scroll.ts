import type { VirtualizerHandle } from 'virtua/vue'
import { computed, nextTick, onScopeDispose, ref, watch, type Ref } from 'vue'
import type { OpenChat } from '../../im/open-chat.ts'
import type { Aim } from '../../im/thread.ts'
import type { Row } from './thread-rows.ts'

/** So near the end counts as at the end. */
const AT_END_PX = 40
/** History is asked for before the reader comes to where it is missing. */
const AHEAD_PX = 1_200
/** Further from the end there is a way back. */
const FAR_PX = 500
const LIT_MS = 1_700
/** The list holds on to the index it scrolls to for so long. */
const AIMING_MS = 200
const STILL_FRAMES = 3
const MOST_FRAMES = 30

/** Where the reader is in the thread, and what follows from it. */
export function useThreadScroll({
  open,
  rows,
  list,
  scroller,
}: {
  readonly open: OpenChat
  readonly rows: Readonly<Ref<readonly Row[]>>
  readonly list: Readonly<Ref<VirtualizerHandle | null>>
  readonly scroller: Readonly<Ref<HTMLElement | null>>
}) {
  const { thread } = open
  /** Nothing is shown before it stands in its place. */
  const isPlaced = ref(false)
  const isAtEnd = ref(false)
  const isFar = ref(false)
  const litID = ref('')
  const hasSeenUnread = ref(false)
  /** While the list is on its way to a message, what it passes says nothing about the reader. */
  const aiming = ref(0)
  let lastOffset = 0
  let fading: ReturnType<typeof setTimeout> | undefined

  function distanceToEnd({ scrollSize, scrollOffset, viewportSize }: VirtualizerHandle): number {
    return scrollSize - scrollOffset - viewportSize
  }

  function noteDistance(): number {
    const distance = list.value ? distanceToEnd(list.value) : 0
    isFar.value = distance > FAR_PX
    return distance
  }

  function scrolled(offset: number): void {
    const distance = noteDistance()
    if (aiming.value > 0) return
    // Only who scrolls up leaves the end: what grows below is followed.
    if (distance < AT_END_PX) setAtEnd(true)
    else if (offset < lastOffset - 1) setAtEnd(false)
    lastOffset = offset
    lookAhead()
    noteUnread()
  }

  /** The end of what is here is not the end as long as there are newer ones. */
  function setAtEnd(isThere: boolean): void {
    isAtEnd.value = isThere && !thread.hasNewer
    open.follow(isAtEnd.value)
  }

  function lookAhead(): void {
    const { value: handle } = list
    if (!handle || !isPlaced.value || aiming.value > 0 || handle.viewportSize === 0) return
    if (thread.hasOlder && handle.scrollOffset < AHEAD_PX) void open.loadOlder()
    else if (thread.hasNewer && distanceToEnd(handle) < AHEAD_PX) void open.loadNewer()
  }

  function noteUnread(): void {
    const { value: handle } = list
    if (!handle || hasSeenUnread.value || !isPlaced.value) return
    const first = rows.value.findIndex(({ kind }) => kind === 'unread')
    if (first >= 0 && handle.findItemIndex(handle.scrollOffset) <= first) hasSeenUnread.value = true
  }

  /** What is below grows as it loads and is measured; who is at the end stays there. */
  function stay(): void {
    noteDistance()
    if (isAtEnd.value && aiming.value === 0) void nextTick(toEnd)
  }

  /** Not by the list's own means, which would hold the reader there for a while. */
  function toEnd(): void {
    const { value: element } = scroller
    if (element && isAtEnd.value) element.scrollTop = element.scrollHeight
  }

  async function bring(aim: Aim): Promise<void> {
    if (aim.at === 'end') {
      setAtEnd(true)
      await nextTick()
      toEnd()
      await standsStill()
    } else {
      aiming.value++
      await nextTick()
      toMessage(aim)
      await standsStill()
      isPlaced.value = true
      // A page that comes in above meanwhile would make the index another row's.
      await new Promise((resolve) => setTimeout(resolve, AIMING_MS))
      aiming.value--
    }
    isPlaced.value = true
    lastOffset = list.value?.scrollOffset ?? 0
    if (aim.at === 'message' && noteDistance() < AT_END_PX) setAtEnd(true)
    lookAhead()
    noteUnread()
  }

  /** Rows are measured as they come into sight, and moved until the wanted one is where it belongs. */
  async function standsStill(): Promise<void> {
    let before = -1
    for (let frames = 0, still = 0; frames < MOST_FRAMES && still < STILL_FRAMES; frames++) {
      await frame()
      const offset = list.value?.scrollOffset ?? 0
      still = offset === before ? still + 1 : 0
      before = offset
    }
  }

  function toMessage({ ID, isLit }: Extract<Aim, { at: 'message' }>): void {
    const index = rows.value.findIndex(({ key }) => key === ID)
    if (index < 0) return
    setAtEnd(false)
    const isFirstUnread = rows.value[index - 1]?.kind === 'unread'
    if (isFirstUnread) hasSeenUnread.value = true
    list.value?.scrollToIndex(isFirstUnread ? index - 1 : index, { align: isFirstUnread ? 'start' : 'center' })
    if (isLit) light(ID)
  }

  function light(ID: string): void {
    clearTimeout(fading)
    litID.value = ID
    fading = setTimeout(() => (litID.value = ''), LIT_MS)
  }

  watch(
    () => thread.aim,
    (aim) => aim && void bring(aim),
    { flush: 'post', immediate: true },
  )
  watch(() => thread.messages, stay, { flush: 'post' })
  watch(
    () => thread.isLoading,
    (isLoading) => !isLoading && void frame().then(lookAhead),
  )
  onScopeDispose(() => clearTimeout(fading))

  return {
    isPlaced,
    isAtEnd,
    litID,
    /** The list moves by itself. */
    isMoving: computed(() => !isPlaced.value || aiming.value > 0),
    isFarFromEnd: computed(() => isFar.value || thread.hasNewer || (!isAtEnd.value && thread.newBelow > 0)),
    unreadAbove: computed(() => (thread.isOpened && !hasSeenUnread.value ? (thread.firstUnread?.count ?? 0) : 0)),
    scrolled,
    settled: lookAhead,
    resized: stay,
  }
}

function frame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve))
}
