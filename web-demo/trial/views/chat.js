import { avatar } from '../avatar.js'
import { DEMO_USERS } from '../demo-users.js'
import { h, showList } from '../dom.js'
import { language, t } from '../i18n.js'
import { icon } from '../icons.js'
import { addressOf } from '../place.js'
import { nameOf, openConversation, peerOf } from '../state.js'
import { dayKey, dayName } from '../time.js'
import { createComposer } from './composer.js'
import { messageRow, versionOfMessage } from './message.js'

const NEAR_PX = 60
const CONTINUED_S = 300

/** The right pane: the open conversation. */
export function createChatView(actions) {
  const head = h('div', { class: 'peer' })
  const back = h(
    'button',
    { type: 'button', class: 'round back', 'aria-label': t('backToList'), onclick: () => actions.goTo(undefined) },
    icon('back'),
  )
  const top = h('p', { class: 'notice top' })
  const list = h('ol', { class: 'messages' })
  const scroller = h('div', { class: 'scroller', tabindex: 0, role: 'log', onscroll: scrolled }, top, list)
  const jump = h('button', { type: 'button', class: 'jump', onclick: toBottom }, icon('down'), t('newMessages'))
  const composer = createComposer(actions)
  const pane = h(
    'section',
    { class: 'pane' },
    h('header', {}, back, head),
    h('div', { class: 'scroll-area' }, scroller, jump),
    composer.element,
  )
  const empty = h('div', { class: 'empty' })
  const element = h('div', { class: 'chat' }, pane, empty)
  const rowActions = { ...actions, copy, editAgain: (text) => composer.put(text) }
  let last
  let shown = { id: undefined, first: undefined, newest: undefined }
  let isAtBottom = true
  let lastTop = 0

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      // No permission, or a page without https: nothing that a person could do here.
    }
  }

  function toBottom() {
    scroller.scrollTop = scroller.scrollHeight
    lastTop = scroller.scrollTop
  }

  function scrolled() {
    lastTop = scroller.scrollTop
    isAtBottom = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX
    if (isAtBottom) reachedNewest()
    if (scroller.scrollTop < NEAR_PX) actions.readOlder()
  }

  /** What cannot be seen, because the window is hidden or the place is higher up, has not been read. */
  function reachedNewest() {
    jump.hidden = true
    if (document.visibilityState === 'visible') void actions.seen()
  }

  /** The window was hidden and is seen again. */
  function becameVisible() {
    if (isAtBottom && last?.openID) reachedNewest()
  }

  function renderMessages(state, conversation) {
    const names = { me: state.nick || state.userID, peer: nameOf(conversation), peerID: peerOf(conversation) }
    const items = itemsOf(state)
    const newest = items.at(-1)
    const heightBefore = scroller.scrollHeight
    // Scrolled up a moment ago: the event is still on its way.
    if (scroller.scrollTop < lastTop - 1) isAtBottom = false
    const isOther = shown.id !== state.openID
    if (isOther) showList(list, [], {})
    showList(list, items, {
      key: (item) => item.key,
      version: (item) =>
        item.message ? versionOfMessage(item.message, item.isContinued) : `${language()}${item.text}`,
      render: (item) =>
        item.message
          ? messageRow(item.message, { isContinued: item.isContinued, names, actions: rowActions })
          : h('li', { class: 'day' }, h('span', {}, item.text)),
    })
    keepPlace({ isOther, items, newest, heightBefore })
    shown = { id: state.openID, first: firstMessage(items), newest: newest?.key }
  }

  function keepPlace({ isOther, items, newest, heightBefore }) {
    const isNew = newest !== undefined && newest.key !== shown.newest
    const isOlderAbove = !isOther && shown.first !== undefined && firstMessage(items) !== shown.first
    if (isOther || isAtBottom || (isNew && newest.message.flow === 'out')) toBottom()
    else if (isOlderAbove) scroller.scrollTop += scroller.scrollHeight - heightBefore
    else if (isNew) jump.hidden = false
    if (isOther) isAtBottom = true
    if (isAtBottom && (isNew || isOther)) reachedNewest()
  }

  function render(state) {
    last = state
    element.hidden = state.phase !== 'ready'
    if (element.hidden) {
      composer.forget()
      return
    }
    const conversation = state.openID && openConversation(state)
    pane.hidden = !conversation
    empty.hidden = Boolean(conversation)
    composer.show(conversation)
    if (!conversation) {
      shown = {}
      showList(empty, [state.userID], { key: (id) => id, version: () => '', render: emptyPane })
      return
    }
    const name = nameOf(conversation)
    scroller.setAttribute('aria-label', t('messages', { name }))
    scroller.setAttribute('aria-busy', String(state.thread.isLoading))
    head.replaceChildren(avatar(peerOf(conversation), name), peerTitle(name, conversation, state))
    const { thread } = state
    const isEmpty = itemsOf(state).length === 0
    top.textContent = topNote(thread, isEmpty)
    renderMessages(state, conversation)
    const isShort = scroller.scrollHeight <= scroller.clientHeight + NEAR_PX
    if (isShort && thread.nextReqMessageID && !thread.isLoading) actions.readOlder()
  }

  jump.hidden = true
  // A keyboard on the screen, or a longer text in the field, must not hide the newest message.
  new ResizeObserver(() => isAtBottom && toBottom()).observe(scroller)
  return { element, render, becameVisible, draft: composer.text, putDraft: (text) => composer.put(text) }
}

function topNote({ isCompleted }, isEmpty) {
  if (isCompleted) return t(isEmpty ? 'sayHello' : 'startOfHistory')
  return t('loading')
}

function peerTitle(name, conversation, { isPeerTyping }) {
  const userID = peerOf(conversation)
  const under = isPeerTyping ? t('typing') : userID === name ? '' : userID
  return h('div', { class: 'who' }, [
    h('h1', {}, name),
    h('small', { class: isPeerTyping ? 'typing' : undefined, 'aria-live': 'polite' }, under),
  ])
}

/** An invitation to the second window that a chat takes. */
function emptyPane(userID) {
  const partner = DEMO_USERS.find((user) => user.userID !== userID)
  const link = { href: addressOf(partner.userID), target: '_blank', rel: 'noopener', class: 'link' }
  return h('div', {}, [
    h('img', { src: 'goose.svg', alt: '', width: 72, height: 72 }),
    h('p', {}, t('chooseConversation')),
    h('a', link, t('openSecond', { name: partner.name })),
  ])
}

function firstMessage(items) {
  return items.find(({ message }) => message)?.key
}

/** The rows: stored messages, then those on their way, with a line where a day begins. */
function itemsOf({ thread, unsent, openID }) {
  const items = []
  let before
  for (const message of [...thread.messages, ...(unsent.get(openID) ?? [])]) {
    const day = dayKey(message.time)
    const isNewDay = !before || dayKey(before.time) !== day
    if (isNewDay) items.push({ key: `day ${day}`, text: dayName(message.time) })
    items.push({ key: message.ID, message, isContinued: !isNewDay && isContinuation(message, before) })
    before = message
  }
  return items
}

function isContinuation(message, before) {
  return message.from === before.from && !before.isRevoked && message.time - before.time < CONTINUED_S
}
