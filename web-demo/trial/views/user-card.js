import { avatar } from '../avatar.js'
import { h } from '../dom.js'
import { t } from '../i18n.js'

/** A demo user to choose. */
export function userCard({ userID, name, role }, choose) {
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'user-card', onclick: choose },
      avatar(userID, name),
      h('span', { class: 'who' }, h('strong', {}, name), h('small', {}, `${t(role)} · ${userID}`)),
    ),
  )
}
