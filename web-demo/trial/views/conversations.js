import { avatar } from '../avatar.js'
import { DEMO_USERS } from '../demo-users.js'
import { h, showList } from '../dom.js'
import { language, t } from '../i18n.js'
import { icon } from '../icons.js'
import { openMenu } from '../menu.js'
import { nameOf, peerOf } from '../state.js'
import { dayKey, shortTime } from '../time.js'
import { summaryOf } from '../wording.js'
import { userCard } from './user-card.js'

/** The left pane: who I am, the search field, the list. */
export function createConversationsView({ goTo, pin, deleteConversation, signOut, switchLanguage }) {
  const me = h('div', { class: 'me' })
  const search = h('input', {
    type: 'search',
    placeholder: t('findOrStart'),
    'aria-label': t('findOrStart'),
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: 32,
    oninput: () => render(last),
    onkeydown: (event) => event.key === 'Escape' && clearSearch(),
  })
  const begin = h('button', { type: 'submit', class: 'begin' })
  const list = h('ul', { class: 'conversation-list', onkeydown: moveFocus })
  const note = h('p', { class: 'note' })
  const suggestions = h('ul', { class: 'user-cards' })
  const element = h('nav', { class: 'conversations', 'aria-label': t('conversations') }, [
    h('header', {}, [
      me,
      h('button', { type: 'button', class: 'quiet', onclick: switchLanguage }, t('language')),
      h(
        'button',
        { type: 'button', class: 'round', title: t('signOut'), 'aria-label': t('signOut'), onclick: signOut },
        icon('out'),
      ),
    ]),
    h('form', { class: 'search', role: 'search', onsubmit: start }, h('label', {}, icon('search'), search), begin),
    list,
    note,
    suggestions,
  ])
  let last

  function clearSearch() {
    search.value = ''
    render(last)
  }

  /** Enter opens the conversation with exactly the user who was typed. */
  function start(event) {
    event.preventDefault()
    const wanted = search.value.trim()
    if (!wanted) return
    const known = last.conversations.find((one) => nameOf(one) === wanted || peerOf(one) === wanted)
    clearSearch()
    goTo(known?.conversationID ?? `C2C${wanted}`)
  }

  function moveFocus(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const buttons = [...list.querySelectorAll('.conversation')]
    const index = buttons.indexOf(document.activeElement)
    if (step === undefined || index < 0) return
    event.preventDefault()
    buttons[index + step]?.focus()
  }

  function actionsOf(conversation) {
    return (event) =>
      openMenu(event.currentTarget, t('conversationActions', { name: nameOf(conversation) }), [
        { text: t(conversation.isPinned ? 'unpin' : 'pin'), run: () => pin(conversation) },
        {
          text: t('deleteConversation'),
          isDanger: true,
          run: () => {
            if (last.openID === conversation.conversationID) goTo(undefined)
            deleteConversation(conversation)
          },
        },
      ])
  }

  function render(state) {
    const hasEntered = state.phase === 'ready' && last?.phase !== 'ready'
    last = state
    element.hidden = state.phase !== 'ready'
    if (element.hidden) return
    // A keyboard finds its place; on a touch screen it would cover the list.
    if (hasEntered && matchMedia('(hover: hover)').matches) search.focus()
    me.replaceChildren(avatar(state.userID, state.nick), whoIs(state))
    const wanted = search.value.trim()
    const found = state.conversations.filter((one) => matches(one, wanted))
    const isKnown = state.conversations.some((one) => nameOf(one) === wanted || peerOf(one) === wanted)
    begin.hidden = wanted === '' || isKnown
    begin.textContent = t('startWith', { user: wanted })
    showList(list, found, {
      key: ({ conversationID }) => conversationID,
      version: (one) => versionOf(one, state.openID),
      render: (one) => row(one, { isOpen: one.conversationID === state.openID, goTo, actions: actionsOf(one) }),
    })
    note.hidden = found.length > 0 || !state.isListLoaded
    note.textContent = t(wanted ? 'nothingFound' : 'noConversations')
    suggest(note.hidden || wanted ? [] : DEMO_USERS.filter(({ userID }) => userID !== state.userID))
  }

  function suggest(users) {
    showList(suggestions, users, {
      key: ({ userID }) => userID,
      version: () => '',
      render: (user) => userCard(user, () => goTo(`C2C${user.userID}`)),
    })
  }

  return { element, render }
}

function whoIs({ nick, userID }) {
  return h('div', { class: 'who' }, h('strong', {}, nick || userID), nick && nick !== userID && h('small', {}, userID))
}

function matches(conversation, wanted) {
  const text = `${nameOf(conversation)} ${peerOf(conversation)}`.toLowerCase()
  return text.includes(wanted.toLowerCase())
}

/** Everything that `row` shows. */
function versionOf(conversation, openID) {
  const { conversationID, isPinned, unreadCount, draftText, lastMessage } = conversation
  const { lastTime, isRevoked, revoker, fromAccount } = lastMessage
  const today = dayKey(Date.now() / 1000)
  const isOpen = conversationID === openID
  return JSON.stringify([
    ...[language(), today, isOpen, nameOf(conversation), isPinned, unreadCount, draftText],
    ...[lastTime, isRevoked, revoker, fromAccount, summaryOf(lastMessage)],
  ])
}

function row(conversation, { isOpen, goTo, actions }) {
  const { conversationID, isPinned, unreadCount, lastMessage } = conversation
  const name = nameOf(conversation)
  const count = unreadCount > 99 ? '99+' : String(unreadCount)
  const open = h(
    'button',
    {
      type: 'button',
      class: 'conversation',
      'aria-current': isOpen ? 'true' : undefined,
      'data-focus': conversationID,
      onclick: () => goTo(conversationID),
    },
    avatar(peerOf(conversation), name),
    h('span', { class: 'line' }, [
      h('strong', {}, name),
      isPinned && icon('pin'),
      isPinned && h('span', { class: 'sr-only' }, t('pinned')),
      lastMessage.lastTime > 0 && h('time', {}, shortTime(lastMessage.lastTime)),
    ]),
    h('span', { class: 'line' }, [
      h('span', { class: 'summary' }, ...summary(conversation, isOpen)),
      unreadCount > 0 && h('span', { class: 'badge', 'aria-hidden': 'true' }, count),
      unreadCount > 0 && h('span', { class: 'sr-only' }, t('unread', { count: unreadCount })),
    ]),
  )
  return h(
    'li',
    { class: isPinned ? 'pinned' : undefined },
    open,
    h(
      'button',
      {
        type: 'button',
        class: 'round more',
        'aria-label': t('conversationActions', { name }),
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        'data-focus': `more ${conversationID}`,
        onclick: actions,
      },
      icon('more'),
    ),
  )
}

function summary({ draftText, lastMessage, ...conversation }, isOpen) {
  if (draftText && !isOpen) return [h('em', {}, t('draft')), ` ${draftText}`]
  if (!lastMessage.isRevoked) return [summaryOf(lastMessage)]
  const isMine = lastMessage.fromAccount !== peerOf(conversation)
  return [isMine ? t('youRevoked') : t('peerRevoked', { name: nameOf(conversation) })]
}
