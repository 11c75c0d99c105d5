import { TYPES, serverTimeMs } from '../api.js'
import { avatar } from '../avatar.js'
import { h } from '../dom.js'
import { language, t } from '../i18n.js'
import { icon } from '../icons.js'
import { openMenu } from '../menu.js'
import { clockTime } from '../time.js'
import { summaryOf } from '../wording.js'

const REVOKE_WINDOW_MS = 120_000

/** Everything about a message that its row shows. */
export function versionOfMessage({ status, isRevoked, isPeerRead, payload, time }, isContinued) {
  return JSON.stringify([language(), status, isRevoked, isPeerRead, payload, time, isContinued])
}

/** One message as a row; `names` has `me`, `peer` and `peerID`. */
export function messageRow(message, { isContinued, names, actions }) {
  if (message.isRevoked) return revokedRow(message, names, actions)
  const isMine = message.flow === 'out'
  const name = isMine ? names.me : names.peer
  const more = moreButton(message, actions)
  // A finger has no place to hover: it touches the message itself.
  const touched = () => matchMedia('(hover: none)').matches && more?.click()
  return h(
    'li',
    { class: `message ${isMine ? 'mine' : 'theirs'}${isContinued ? ' continued' : ''}`, 'data-id': message.ID },
    isContinued ? h('span', { class: 'avatar-space' }) : avatar(message.from, name),
    h('span', { class: 'sr-only' }, isMine ? t('you') : name),
    h('div', { class: 'touchable', onclick: touched }, bubble(message)),
    h('div', { class: 'side' }, more, meta(message, actions)),
  )
}

function revokedRow(message, names, { editAgain }) {
  const isMine = message.flow === 'out'
  const text = message.type === TYPES.MSG_TEXT ? message.payload?.text : undefined
  return h('li', { class: 'notice' }, [
    h('span', {}, isMine ? t('youRevoked') : t('peerRevoked', { name: names.peer })),
    isMine && text && h('button', { type: 'button', class: 'link', onclick: () => editAgain(text) }, t('editAgain')),
  ])
}

function bubble(message) {
  const { type, payload } = message
  if (type === TYPES.MSG_TEXT) return h('div', { class: 'bubble' }, payload.text)
  if (type === TYPES.MSG_FACE) return face(payload)
  if (type === TYPES.MSG_LOCATION) return place(payload)
  return h('div', { class: 'bubble other' }, summaryOf(message))
}

/** A picture character stands for itself; the name of a sticker we do not have is shown as text. */
function face({ data }) {
  const isPicture = /^\p{Extended_Pictographic}/u.test(data)
  return h('div', { class: isPicture ? 'face' : 'bubble other' }, data || t('face'))
}

function place({ description, latitude, longitude }) {
  const numbers = [latitude, longitude].map((number) => Number(number).toFixed(4)).join(', ')
  return h(
    'div',
    { class: 'bubble place' },
    h('span', { class: 'map' }, icon('place')),
    h('span', { class: 'where' }, h('strong', {}, description || t('place')), h('small', {}, numbers)),
  )
}

function meta(message, { resend }) {
  if (message.status === 'fail') {
    return h('span', { class: 'meta failed' }, [
      icon('warning'),
      t('notSent'),
      h('button', { type: 'button', class: 'link', onclick: () => resend(message) }, t('resend')),
    ])
  }
  if (message.status === 'unSend') return h('span', { class: 'meta sending' }, t('sending'))
  const isMine = message.flow === 'out'
  return h('span', { class: 'meta' }, [
    isMine &&
      h('span', { class: message.isPeerRead ? 'read' : 'not-read' }, t(message.isPeerRead ? 'read' : 'notRead')),
    h('time', {}, clockTime(message.time)),
  ])
}

function moreButton(message, actions) {
  if (message.status === 'unSend') return undefined
  return h(
    'button',
    {
      type: 'button',
      class: 'round more',
      'aria-label': t('messageActions'),
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      'data-focus': `more ${message.ID}`,
      onclick: (event) => openMenu(event.currentTarget, t('messageActions'), menuOf(message, actions)),
    },
    icon('more'),
  )
}

function menuOf(message, { copy, revoke, remove }) {
  const isText = message.type === TYPES.MSG_TEXT
  const canRevoke =
    message.flow === 'out' && message.status === 'success' && serverTimeMs() - message.time * 1000 < REVOKE_WINDOW_MS
  return [
    ...(isText ? [{ text: t('copy'), run: () => copy(message.payload.text) }] : []),
    ...(canRevoke ? [{ text: t('revoke'), run: () => revoke(message) }] : []),
    { text: t('deleteForMe'), isDanger: true, run: () => remove(message) },
  ]
}
